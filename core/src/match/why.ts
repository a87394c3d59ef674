/**
 * Why did a workflow start by an event, or not, in one sentence?
 * For a person who has not read how workflows are written: what should be, what is, and what the difference is.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import { either } from '../workflow/summary/line.ts'
import { shouldOf, type MatchRow, type Wish } from './rows.ts'

/** The sentence. `total`: conditions that were looked at. `wishes`: those of the trigger's fields. */
export const whyOf = (
  failed: readonly MatchRow[],
  total: number,
  wishes: readonly Wish[],
  event: TriggerEvent,
): string => {
  if (failed.length === 0) return `All ${total} conditions hold.`
  const [first] = failed
  if (failed.length === 1) {
    const wish = wishes.find(({ field }) => field === first!.condition)
    const last = wish?.last?.row === first ? wish!.last : null
    const said = last?.sentence ?? `Only one condition fails: ${sentence(first!, wish, event)}.`
    if (last) last.sentence = said
    return said
  }
  return `${failed.length} of ${total} conditions fail: ${either(
    failed.map(({ condition }) => condition),
    'and',
  )}.`
}

const sentence = (
  { condition, found, why, about, expected }: MatchRow,
  wish: Wish | undefined,
  { fields, actor }: TriggerEvent,
): string => {
  if (condition === 'started by') return `${found}: ${why} (${expected} may)`
  if (condition === 'own events') return `a run of Viewport did it, and the workflow does not take what runs do`
  if (condition === 'outsiders')
    return `${actor.trust === 'outsider' ? 'somebody outside' : 'nobody we know'} started it, and the workflow ${found}; ${why}`
  if (condition === 'enabled') return 'the workflow is not enabled'
  if (about !== null || wish === undefined) return `${condition} should be ${expected}, and is ${found}`
  const value = Object.hasOwn(fields, condition) ? fields[condition] : undefined
  if (value === undefined) return `${condition} ${shouldOf(wish)}, and ${why ?? 'is not known here'}`
  const is = Array.isArray(value) ? (value.length === 0 ? 'is empty' : `is ${found}`) : `is ${found}`
  return `${condition} ${shouldOf(wish)}, and ${is}${why === null ? '' : ` (${why})`}`
}
