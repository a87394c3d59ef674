/**
 * What do these rules say about this request?
 * Deny wins over ask, ask over allow, and what no rule allows is denied; the order of rules does not matter. An attribute that is missing never
 * helps: a rule that would allow needs it, a rule that would deny or ask counts as if it fitted. It never looks anything up.
 */
import type { Condition } from '../workflow/compiled.ts'
import { conditionHolds, type Value } from './condition.ts'

export type Effect = 'allow' | 'ask' | 'deny'
export type Rule = { id: string; effect: Effect; when: Readonly<Record<string, Condition>> }
export type Request = Readonly<Record<string, Value>>

/** One rule looked at: did its conditions hold? `unknown`: an attribute is missing or a condition cannot be read. */
export type RuleTrace = { rule: string; effect: Effect; held: 'yes' | 'no' | 'unknown'; because: { attribute: string; held: 'yes' | 'no' | 'unknown' }[]; counts: boolean }
export type Evaluation = { decision: Effect; rules: string[]; why: string; trace: RuleTrace[] }

/** Evaluates all rules. `rules` of the answer: the ids that decided, sorted. */
export const evaluate = (rules: readonly Rule[], request: Request): Evaluation => {
  const trace = rules.map((rule) => traceOf(rule, request)).sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.effect < b.effect ? -1 : 1))
  return { ...decisionOf(trace), trace }
}

/** The decision that a trace says, whoever recorded it. */
export const decisionOf = (trace: readonly RuleTrace[]): Omit<Evaluation, 'trace'> => {
  for (const effect of ['deny', 'ask', 'allow'] as const) {
    const deciding = trace.filter((rule) => rule.effect === effect && rule.counts)
    if (deciding.length > 0) return { decision: effect, rules: deciding.map((rule) => rule.rule), why: `${deciding.map((rule) => rule.rule).join(', ')} ${deciding.length === 1 ? 'says' : 'say'} ${effect}` }
  }
  return { decision: 'deny', rules: [], why: 'no rule allows it' }
}

const traceOf = (rule: Rule, request: Request): RuleTrace => {
  const because = Object.entries(rule.when).map(([attribute, condition]) => ({ attribute, held: conditionHolds(condition, Object.hasOwn(request, attribute) ? request[attribute] : undefined) }))
  const held = because.some((part) => part.held === 'no') ? 'no' : because.some((part) => part.held === 'unknown') ? 'unknown' : 'yes'
  return { rule: rule.id, effect: rule.effect, held, because, counts: rule.effect === 'allow' ? held === 'yes' : held !== 'no' }
}
