/**
 * Why did a workflow start by an event, or not, in one sentence?
 * For a person who has not read how workflows are written: what should be, what is, and what the difference is.
 */
import type { EventActor } from '../event/trigger-event.ts'
import { either } from '../workflow/summary/line.ts'
import { shouldOf, type Asked, type Wish } from './asked.ts'
import type { MatchRow } from './row.ts'
import { endOf, fieldSeen, type Seen } from './seen.ts'

/** The sentence. `rows`: of this trigger (`rowsFor`). `failures`: how many of them fail. */
export const whyOf = (rows: readonly MatchRow[], failures: number, asked: Asked, seen: Seen): string => {
  if (failures === 0) return `All ${rows.length} conditions hold.`
  if (failures === 1) {
    const at = rows.findIndex(({ pass }) => !pass)
    const wish = asked.wishes[at - 1]
    return wish === undefined ? only(aboutStart(rows[at]!, seen.event.actor)) : wishFails(rows[at]!, wish, seen)
  }
  const failed = rows.flatMap(({ condition, pass }) => (pass ? [] : [condition]))
  return `${failures} of ${rows.length} conditions fail: ${either(failed, 'and')}.`
}

const only = (sentence: string): string => `Only one condition fails: ${sentence}.`

/** `own events` never fails alone: whoever is a run is not admitted either. */
const aboutStart = ({ condition, found, why, expected }: MatchRow, actor: EventActor): string => {
  if (condition === 'started by') return `${found}: ${why} (${expected} may)`
  if (condition === 'outsiders')
    return `${actor.trust === 'outsider' ? 'somebody outside' : 'nobody we know'} started it, and the workflow ${found}; ${why}`
  if (condition === 'enabled') return 'the workflow is not enabled'
  return `${condition} should be ${expected}, and is ${found}`
}

const wishFails = (row: MatchRow, wish: Wish, seen: Seen): string =>
  wish.at < 0 ? saidOf(row, wish, seen) : (seen.sentences[wish.at] ??= saidOf(row, wish, seen))

/** Of two pieces that are there already, as a rule: ten thousand of them are made for one event. */
const saidOf = ({ found, why }: MatchRow, wish: Wish, seen: Seen): string => {
  const field = fieldSeen(seen, wish.name, wish.field)
  return `${shouldOf(wish)}${endOf(wish.known ? field : { ...field, found, ends: new Map() }, why)}`
}
