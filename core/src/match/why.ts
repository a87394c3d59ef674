/**
 * Why did a workflow start by an event, or not, in one sentence?
 * For a person who has not read how workflows are written: what should be, what is, and what the difference is.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import type { Condition } from '../workflow/compiled.ts'
import { sayShould } from '../workflow/summary/condition.ts'
import { either } from '../workflow/summary/line.ts'
import type { MatchRow } from './rows.ts'

/** The sentence. `total`: conditions that were looked at. `where`: those of the trigger's fields. */
export const whyOf = (
  failed: readonly MatchRow[],
  total: number,
  where: Readonly<Record<string, Condition>>,
  event: TriggerEvent,
): string => {
  if (failed.length === 0) return `All ${total} conditions hold.`
  const [first] = failed
  if (failed.length === 1) return `Only one condition fails: ${sentence(first!, where, event)}.`
  return `${failed.length} of ${total} conditions fail: ${either(
    failed.map(({ condition }) => condition),
    'and',
  )}.`
}

const wishes = new WeakMap<Condition, string>() // a condition is frozen with its version, and matched often

const should = (condition: Condition): string => {
  let wish = wishes.get(condition)
  if (wish === undefined) wishes.set(condition, (wish = sayShould(condition)))
  return wish
}

const sentence = (
  { condition, found, why, about, expected }: MatchRow,
  where: Readonly<Record<string, Condition>>,
  { fields, actor }: TriggerEvent,
): string => {
  if (condition === 'started by') return `${found}: ${why} (${expected} may)`
  if (condition === 'own events') return `a run of Viewport did it, and the workflow does not take what runs do`
  if (condition === 'outsiders')
    return `${actor.trust === 'outsider' ? 'somebody outside' : 'nobody we know'} started it, and the workflow ${found}; ${why}`
  if (condition === 'enabled') return 'the workflow is not enabled'
  const wanted = Object.hasOwn(where, condition) ? where[condition] : undefined
  if (about !== null || wanted === undefined) return `${condition} should be ${expected}, and is ${found}`
  const value = Object.hasOwn(fields, condition) ? fields[condition] : undefined
  if (value === undefined) return `${condition} ${should(wanted)}, and ${why ?? 'is not known here'}`
  const is = Array.isArray(value) ? (value.length === 0 ? 'is empty' : `is ${found}`) : `is ${found}`
  return `${condition} ${should(wanted)}, and ${is}${why === null ? '' : ` (${why})`}`
}
