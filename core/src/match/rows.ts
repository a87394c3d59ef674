/**
 * Which conditions has one trigger, and does an event meet each?
 * One row per condition with what was expected and found. What is missing or unknown meets nothing.
 */
import { eventForm } from '../event/tools.ts'
import type { EventActor } from '../event/trigger-event.ts'
import { readConditionHolds, type Held } from '../policy/condition.ts'
import type { Compiled, Trigger } from '../workflow/compiled.ts'
import { admission, type People } from './admission.ts'
import { eventAt, expectedOf, wantedOf, type Asked, type Wish } from './asked.ts'
import { hintFor } from './hint.ts'
import type { MatchRow } from './row.ts'
import { fieldSeen, textsSeen, type Seen, type SeenField } from './seen.ts'

export type { People } from './admission.ts'

/** How many conditions of this trigger fail, of those that hang on the trigger. No row of a field is made for it. */
export const failuresOf = (asked: Asked, people: People, seen: Seen): number => {
  let failures =
    (eventRow(asked, seen).pass ? 0 : 1) +
    (startedByRow(asked, people, seen).pass ? 0 : 1) +
    (ownRow(asked, seen).pass ? 0 : 1)
  for (const wish of asked.wishes) if (heldOf(wish, seen) !== 'yes') failures++
  return failures
}

/** All rows of one trigger, in the order of the why page: the event, its fields (from the second on), who did it. */
export const rowsFor = (
  asked: Asked,
  workflow: { enabled: boolean; compiled: Compiled },
  people: People,
  seen: Seen,
): MatchRow[] => {
  const { wishes } = asked
  const { trust } = seen.event.actor
  // Made as long as it will be: a list that grows takes several times the memory, for each of ten thousand answers.
  const rows = new Array<MatchRow>(wishes.length + 3)
  rows[0] = eventRow(asked, seen)
  for (let n = 0; n < wishes.length; n++) rows[n + 1] = rowOf(wishes[n]!, seen)
  rows[wishes.length + 1] = startedByRow(asked, people, seen)
  rows[wishes.length + 2] = ownRow(asked, seen)
  const writes = trust === 'outsider' || trust === 'unknown' ? writing(workflow.compiled) : null
  if (writes !== null)
    rows.push({
      ...row('outsiders', 'a workflow that writes nothing', writes, false, 'what outsiders start may write nothing'),
      about: 'actor',
    })
  if (!workflow.enabled) rows.push(row('enabled', 'enabled', 'not enabled', false))
  return rows
}

const eventRow = ({ trigger }: Asked, { rows, event }: Seen): MatchRow =>
  (rows[eventAt] ??= row(
    'event',
    trigger.event,
    event.event,
    trigger.tool === event.tool && trigger.event === event.event && eventForm(trigger.tool, trigger.event) !== null,
  ))

const startedByRow = ({ trigger, by }: Asked, people: People, { rows, event }: Seen): MatchRow =>
  (rows[by] ??= admissionRow(event.actor, trigger, people))

const admissionRow = (actor: EventActor, trigger: Trigger, people: People): MatchRow => {
  const admitted = admission(actor, trigger, people)
  return { ...row('started by', admitted.expected, admitted.found, admitted.yes, admitted.why), about: 'actor' }
}

const ownRow = ({ trigger, own }: Asked, { rows, event }: Seen): MatchRow =>
  (rows[own] ??= {
    ...row(
      'own events',
      trigger.ownEvents ? 'done by anybody, also by a run' : 'not done by a run',
      origins[event.actor.trust],
      trigger.ownEvents || event.actor.trust !== 'self',
    ),
    about: 'actor',
  })

const origins = {
  member: 'done by a person',
  collaborator: 'done by a person',
  outsider: 'done by a person',
  source: 'done by the source itself',
  bot: 'done by a program',
  self: 'done by a run',
  unknown: 'nobody can tell',
} as const

const row = (
  condition: string,
  expected: string,
  found: string,
  pass: boolean,
  why: string | null = null,
): MatchRow => ({ condition, expected, found, pass, about: null, why })

/** What is made for one trigger alone is kept nowhere: ten thousand rows that outlive their event are what the collector would go through at the next one. */
const rowOf = (wish: Wish, seen: Seen): MatchRow =>
  wish.at < 0 ? wishedRow(wish, seen) : (seen.rows[wish.at] ??= wishedRow(wish, seen))

const heldOf = (wish: Wish, seen: Seen): Held =>
  wish.at < 0 ? judged(wish, seen) : (seen.held[wish.at] ??= judged(wish, seen))

/** A field that this version does not know matches nothing, whatever the event holds. */
const judged = (wish: Wish, seen: Seen): Held =>
  wish.known ? readConditionHolds(wish.read, fieldSeen(seen, wish.name, wish.field).value) : 'unknown'

const wishedRow = (wish: Wish, seen: Seen): MatchRow => {
  if (!wish.known)
    return row(wish.name, expectedOf(wish), 'not a field of this event', false, 'this event has no such field')
  const field = fieldSeen(seen, wish.name, wish.field)
  const held = heldOf(wish, seen)
  return row(wish.name, expectedOf(wish), field.found, held === 'yes', whyNot(wish, field, held, seen))
}

const whyNot = (wish: Wish, field: SeenField, held: Held, seen: Seen): string | null => {
  if (held === 'yes') return null
  if (held === 'no') {
    const wanted = wantedOf(wish)
    return wanted.length === 0 ? null : hintFor(wanted, textsSeen(field), seen.pairs)
  }
  return field.value === undefined
    ? 'it is not known for this event, and what is not known fits nothing'
    : 'this version of Viewport does not understand the condition'
}

/** What a workflow could write, or null when it writes nothing. */
export const writing = (compiled: Compiled): string | null => {
  const repo = compiled.repos.find((held) => held.access === 'write')
  if (repo) return `writes to ${repo.name}`
  const edit = compiled.steps.find((step) => step.kind === 'agent' && step.mode === 'edit')
  return edit ? `${edit.id} edits` : null
}
