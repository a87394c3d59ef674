/**
 * What does a run wait for? Everything the queue, the outbox and the timers hold is derived here from the state.
 * It never starts anything.
 */
import { isSpent } from './budget.ts'
import { credentialFor } from './held-tools.ts'
import { effectMayBegin, isTaintHeld, stepMayBegin } from './holds.ts'
import { isUnrouted } from './routed.ts'
import type { Needed } from '../wire/holding.ts'
import {
  isPersonsMerge,
  isStopped,
  needsDone,
  openAsks,
  stepSpec,
  type IntentState,
  type RunState,
  type StepState,
} from './state.ts'

export type Due =
  /** A runner must do this. `step` is the step's id, or the intent's id for an effect. */
  | {
      kind: 'work'
      key: string
      step: string
      attempt: number
      round: number
      work: 'agent' | 'checks' | 'effect'
      intent: string | null
      agent: string | null
      mode: string | null
      /** the model that the step asks for */
      model: string | null
      /** the credential of a tool that it takes; null: none */
      credential: Needed | null
      runner: string | null
      pool: string
    }
  | { kind: 'gate'; key: string; gate: string; remindAt: number | null; expiresAt: number | null }

/** How often a lost or unknown piece of work is taken up again by itself. */
export const automaticTries = 5

/** Was the runner lost, or the agent killed from outside, in a step that may start again by itself? */
export const startsAgain = (step: StepState, restart: 'ask' | 'auto'): boolean =>
  (step.status === 'lost' || (step.status === 'failed' && step.failure?.code === 'agent_killed')) &&
  restart === 'auto' &&
  step.attempt < automaticTries

/** Was this step stopped because the budget of the run was used up? */
export const isOverBudget = (step: StepState): boolean => step.status === 'failed' && step.failure?.class === 'budget'

/** Would this agent or run step be ready, were there budget for it? */
const isReadyByNeeds = (state: RunState, id: string): boolean => {
  const step = state.steps[id]
  const spec = stepSpec(state, id)
  if (!step || (spec?.kind !== 'agent' && spec?.kind !== 'run')) return false
  const waits = openAsks(state, id).length > 0
  if (waits || !needsDone(state, id) || !stepMayBegin(state, id)) return false
  if (step.status === 'open' || step.status === 'parked') return true
  return startsAgain(step, spec.restart)
}

/** Is this agent or run step ready for a runner now? Nothing begins before it is known where, nor without anything left of the budget. */
export const isReady = (state: RunState, id: string): boolean =>
  !isUnrouted(state) &&
  isReadyByNeeds(state, id) &&
  !isSpent(state, stepSpec(state, id)?.kind === 'run' ? 'run' : 'agent')

/** Is the budget all that this step waits for? */
export const waitsForBudget = (state: RunState, id: string): boolean => isReadyByNeeds(state, id) && !isReady(state, id)

/**
 * Must this effect be carried out (or looked up) now, by whoever does it? What has not begun when the run is stopped is not begun
 * any more; what has begun may have happened, so it is looked for after the end (`isOnlyLookedFor`).
 */
export const effectIsDue = (state: RunState, intent: IntentState): boolean => {
  if (state.cancelling && !state.finished) return false
  if (isStopped(state) && intent.attempt === 0 && !isPersonsMerge(state, intent)) return false
  // What stood open was merged or closed elsewhere: nothing is pushed after it.
  if (!effectMayBegin(state, intent) && !isPersonsMerge(state, intent)) return false
  if (state.pull && state.pull.state !== 'open' && intent.attempt === 0 && intent.change) return false
  return (
    intent.state === 'approved' || (intent.state === 'unknown' && (intent.retry || intent.attempt < automaticTries))
  )
}

/** May this effect be found, and not be done? So it is with all that a run had begun before it was stopped, and where a person asked for a look. */
export const isOnlyLookedFor = (state: RunState, intent: IntentState): boolean =>
  intent.looks || ((isStopped(state) || isTaintHeld(state, intent.step)) && !isPersonsMerge(state, intent))

/** Did this effect fail for good, or is it unknown after all automatic looks, and has no person closed it? */
export const isStuck = (intent: IntentState): boolean =>
  intent.settled === null &&
  (intent.state === 'failed' || (intent.state === 'unknown' && !intent.retry && intent.attempt >= automaticTries))

/** All that this run waits for: work for runners and open gates with their times. */
export const due = (state: RunState): Due[] => {
  const pool = state.spec.pins.pool
  const found: Due[] = []
  for (const intent of Object.values(state.intents)) {
    if (intent.at !== 'runner' || !effectIsDue(state, intent)) continue
    const credential = credentialFor(state.spec, intent)
    found.push({
      kind: 'work',
      key: `${intent.id}:${intent.attempt + 1}`,
      step: intent.id,
      attempt: intent.attempt + 1,
      round: 1,
      work: 'effect',
      intent: intent.id,
      agent: null,
      mode: null,
      model: null,
      credential,
      // Whoever holds it does it: nothing of the run need be there.
      runner: credential ? null : state.runner,
      pool,
    })
  }
  if (state.finished || state.cancelling) return found
  for (const spec of state.spec.workflow.compiled.steps) {
    if (!isReady(state, spec.id)) continue
    const step = state.steps[spec.id]!
    const agent = spec.kind === 'agent' ? (state.spec.pins.agents[spec.id] ?? null) : null
    found.push({
      kind: 'work',
      key: `${spec.id}:${step.attempt + 1}`,
      step: spec.id,
      attempt: step.attempt + 1,
      round: step.round,
      work: spec.kind === 'agent' ? 'agent' : 'checks',
      intent: null,
      agent,
      mode: spec.kind === 'agent' ? spec.mode : null,
      model: spec.kind === 'agent' ? (spec.model ?? null) : null,
      credential: null,
      runner: state.runner,
      pool,
    })
  }
  for (const gate of Object.values(state.gates)) {
    if (gate.state === 'open')
      found.push({ kind: 'gate', key: gate.id, gate: gate.id, remindAt: gate.remindAt, expiresAt: gate.expiresAt })
  }
  return found
}
