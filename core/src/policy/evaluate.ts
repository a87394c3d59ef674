/**
 * What do these rules say about this request?
 * Deny wins over ask, ask over allow, and what no rule allows or asks for is denied; the order of rules does not matter. An attribute that is
 * missing never helps: a rule opens nothing without it, and still closes as if it fitted. It never looks anything up.
 */
import type { Condition } from '../workflow/compiled.ts'
import { conditionHolds, type Value } from './condition.ts'

export type Effect = 'allow' | 'ask' | 'deny'
export type Rule = { id: string; effect: Effect; when: Readonly<Record<string, Condition>> }
export type Request = Readonly<Record<string, Value>>

/** One rule looked at: did its conditions hold? `unknown`: an attribute is missing or a condition cannot be read. */
export type RuleTrace = {
  rule: string
  effect: Effect
  held: 'yes' | 'no' | 'unknown'
  because: { attribute: string; held: 'yes' | 'no' | 'unknown' }[]
  counts: boolean
}
export type Evaluation = { decision: Effect; rules: string[]; why: string; trace: RuleTrace[] }

/** Evaluates all rules. `rules` of the answer: the ids that decided, sorted. */
export const evaluate = (rules: readonly Rule[], request: Request): Evaluation => {
  const trace = rules
    .map((rule) => traceOf(rule, request))
    .sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.effect < b.effect ? -1 : 1))
  return { ...decisionOf(trace), trace }
}

/** The decision that a trace says, whoever recorded it. */
export const decisionOf = (trace: readonly RuleTrace[]): Omit<Evaluation, 'trace'> => {
  const counting = (effect: Effect): RuleTrace[] => trace.filter((rule) => rule.effect === effect && rule.counts)
  const denying = counting('deny')
  if (denying.length > 0) return said('deny', denying)
  // An ask that counts only because an attribute is missing closes what is open; it opens nothing.
  if (!trace.some((rule) => rule.effect !== 'deny' && rule.held === 'yes'))
    return { decision: 'deny', rules: [], why: 'no rule allows it' }
  const asking = counting('ask')
  return asking.length > 0 ? said('ask', asking) : said('allow', counting('allow'))
}

const said = (decision: Effect, deciding: readonly RuleTrace[]): Omit<Evaluation, 'trace'> => {
  const rules = deciding.map((rule) => rule.rule)
  return { decision, rules, why: `${rules.join(', ')} ${rules.length === 1 ? 'says' : 'say'} ${decision}` }
}

const traceOf = (rule: Rule, request: Request): RuleTrace => {
  const because = Object.entries(rule.when).map(([attribute, condition]) => ({
    attribute,
    held: conditionHolds(condition, Object.hasOwn(request, attribute) ? request[attribute] : undefined),
  }))
  const held = because.some((part) => part.held === 'no')
    ? 'no'
    : because.some((part) => part.held === 'unknown')
      ? 'unknown'
      : 'yes'
  return {
    rule: rule.id,
    effect: rule.effect,
    held,
    because,
    counts: rule.effect === 'allow' ? held === 'yes' : held !== 'no',
  }
}
