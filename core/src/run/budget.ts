/**
 * How much of its budget has a run left: money, tokens, time of work?
 * Sums over all steps and attempts; waiting for a person costs no time. It never stops anything.
 */
import { runUsage, type RunState } from './state.ts'

/** The share of its budget from which a run warns. */
const warnsAt = 0.8

export type Part = 'usd' | 'tokens' | 'time'
/** What a run may use of one part and what it has used: millionths of a dollar, tokens, milliseconds. */
type Use = { part: Part; used: number; of: number }

/** The workflow's budget, once more for each time that a person let the run go on. */
export const grantedBudget = (state: RunState): { usd: number | null; tokens: number | null; seconds: number } => {
  const { usd, tokens, seconds } = state.spec.workflow.compiled.budget
  const times = 1 + (state.budgetsGranted ?? 0)
  return {
    usd: usd === null ? null : usd * times,
    tokens: tokens === null ? null : tokens * times,
    seconds: seconds * times,
  }
}

/** Every part that has a cap. */
const usesOf = (state: RunState): Use[] => {
  const { usd, tokens, seconds } = grantedBudget(state)
  const usage = runUsage(state)
  const worked = Object.values(state.steps).reduce((sum, step) => sum + (step.workMillis ?? 0), 0)
  const money = (usage.usdMicros ?? 0) + (usage.estimated?.usdMicros ?? 0)
  const words = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) + (usage.estimated?.tokens ?? 0)
  return [
    ...(usd === null ? [] : [{ part: 'usd' as const, used: money, of: Math.round(usd * 1_000_000) }]),
    ...(tokens === null ? [] : [{ part: 'tokens' as const, used: words, of: tokens }]),
    { part: 'time', used: worked, of: seconds * 1_000 },
  ]
}

/** What is left for a step that begins now; seconds are whole. Steps that run side by side each begin with what is left then. */
export const budgetLeft = (state: RunState): { seconds: number; tokens: number | null; usdMicros: number | null } => {
  const uses = usesOf(state)
  const left = (part: Part): number | null => {
    const use = uses.find((one) => one.part === part)
    return use ? Math.max(0, use.of - use.used) : null
  }
  return { seconds: Math.floor(left('time')! / 1_000), tokens: left('tokens'), usdMicros: left('usd') }
}

/** Has this kind of work nothing left to begin with? Checks use no model, so only time holds them. */
export const isSpent = (state: RunState, kind: 'agent' | 'run'): boolean => {
  const { seconds, tokens, usdMicros } = budgetLeft(state)
  return seconds < 1 || (kind === 'agent' && (tokens === 0 || usdMicros === 0))
}

/** "4.10 of 5 USD", for every part that has a cap. */
export const sayBudget = (state: RunState): string => usesOf(state).map(sayUse).join(', ')

/** A sentence for every part of which four fifths are used. */
export const budgetWarnings = (state: RunState): string[] =>
  usesOf(state)
    .filter((use) => use.used >= warnsAt * use.of)
    .map((use) => `${Math.floor((100 * use.used) / use.of)} % of the budget is used: ${sayUse(use)}.`)

const sayUse = ({ part, used, of }: Use): string => {
  if (part === 'usd') return `${(used / 1_000_000).toFixed(2)} of ${(of / 1_000_000).toFixed(2)} USD`
  if (part === 'tokens') return `${used} of ${of} tokens`
  return `${minutes(used)} of ${minutes(of)} of work`
}

const minutes = (millis: number): string =>
  millis < 60_000 ? `${Math.round(millis / 1_000)} s` : `${(millis / 60_000).toFixed(1).replace(/\.0$/, '')} min`
