/**
 * Which conditions has one trigger, and does an event meet each?
 * One row per condition with what was expected and found. What is missing or unknown meets nothing.
 */
import { z } from 'zod'
import { eventForm, fieldKind } from '../event/tools.ts'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { conditionHolds } from '../policy/condition.ts'
import { revealed } from '../policy/hidden.ts'
import type { Compiled, Condition, Trigger } from '../workflow/compiled.ts'
import { sayCondition, sayValue } from '../workflow/summary/condition.ts'
import { admission, type People } from './admission.ts'
import { hintFor, nothingLooked, type Looked } from './hint.ts'

export type { People } from './admission.ts'

/** `condition`: event, a field's name, `started by`, `own events`, `outsiders`, `enabled`. `about`: whether the row is about who started it. `why`: what is behind it, and of a field that failed what one would overlook. */
export const MatchRow = z.strictObject({
  condition: z.string(),
  expected: z.string(),
  found: z.string(),
  pass: z.boolean(),
  about: z.enum(['actor']).nullable(),
  why: z.string().nullable(),
})
export type MatchRow = z.infer<typeof MatchRow>

/** Rows that many workflows share for one event (who started it, the event itself) are made once, as is how its values look. */
export type RowsMade = { readonly rows: Map<string, MatchRow>; readonly looked: Looked }
export const noRowsMade = (): RowsMade => ({ rows: new Map(), looked: nothingLooked() })

/** By what a trigger's rows are shared; what was found, by the field's bare name. Made once per trigger: to put these texts together costs more than everything else. */
export type RowKeys = { readonly event: string; readonly by: string; readonly own: string }
export const rowKeys = ({ tool, event, ownEvents, startedBy }: Trigger): RowKeys => ({
  event: `event ${tool}.${event}`,
  by: `by ${ownEvents} ${startedBy.join(' ')}`,
  own: `own ${ownEvents}`,
})

const once = ({ rows }: RowsMade, key: string, make: () => MatchRow): MatchRow => {
  let held = rows.get(key)
  if (held === undefined) rows.set(key, (held = make()))
  return held
}

/** All rows of one trigger, in the order of the why page. `made`: shared by all calls for one event. */
export const rowsFor = (
  event: TriggerEvent,
  trigger: Trigger,
  keys: RowKeys,
  workflow: { enabled: boolean; compiled: Compiled },
  people: People,
  made: RowsMade,
): MatchRow[] => {
  const rows = [
    once(made, keys.event, () =>
      row(
        'event',
        trigger.event,
        event.event,
        trigger.tool === event.tool && trigger.event === event.event && eventForm(trigger.tool, trigger.event) !== null,
      ),
    ),
  ]
  for (const field in trigger.where)
    rows.push(
      fieldRow(event, trigger, field, made, (value) => once(made, field, () => row(field, '', say(value), true)).found),
    )
  rows.push(
    once(made, keys.by, () => {
      const admitted = admission(event.actor, trigger, people)
      return { ...row('started by', admitted.expected, admitted.found, admitted.yes, admitted.why), about: 'actor' }
    }),
  )
  rows.push(
    once(made, keys.own, () => ({
      ...row(
        'own events',
        trigger.ownEvents ? 'done by anybody, also by a run' : 'not done by a run',
        origins[event.actor.trust],
        trigger.ownEvents || event.actor.trust !== 'self',
      ),
      about: 'actor',
    })),
  )
  const writes = event.actor.trust === 'outsider' || event.actor.trust === 'unknown' ? writing(workflow.compiled) : null
  if (writes !== null)
    rows.push({
      ...row('outsiders', 'a workflow that writes nothing', writes, false, 'what outsiders start may write nothing'),
      about: 'actor',
    })
  if (!workflow.enabled) rows.push(row('enabled', 'enabled', 'not enabled', false))
  return rows
}

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

const fieldRow = (
  event: TriggerEvent,
  trigger: Trigger,
  field: string,
  made: RowsMade,
  found: (value: TriggerEvent['fields'][string] | undefined) => string,
): MatchRow => {
  const condition = trigger.where[field]!
  const expected = said(condition)
  // A field that this version does not know matches nothing, whatever the event holds.
  if (fieldKind(trigger.tool, trigger.event, field) === null)
    return row(field, expected, 'not a field of this event', false, 'this event has no such field')
  const value = Object.hasOwn(event.fields, field) ? event.fields[field] : undefined
  const held = conditionHolds(condition, value)
  return row(
    field,
    expected,
    found(value),
    held === 'yes',
    held === 'yes'
      ? null
      : held === 'unknown'
        ? value === undefined
          ? 'it is not known for this event, and what is not known fits nothing'
          : 'this version of Viewport does not understand the condition'
        : hintFor(field, condition, value, made.looked),
  )
}

const sayings = new WeakMap<Condition, string>() // a condition is frozen with its version, and matched often

const said = (condition: Condition): string => {
  const held = sayings.get(condition)
  if (held !== undefined) return held
  const text = sayCondition(condition).replace(/^is (?!there|not |above|below)/, '')
  sayings.set(condition, text)
  return text
}

const say = (value: TriggerEvent['fields'][string] | undefined): string => {
  if (value === undefined) return 'not known'
  if (value === null || value === '') return 'nothing'
  const text = Array.isArray(value)
    ? value.length === 0
      ? 'none'
      : value.slice(0, 50).map(sayValue).join(', ')
    : String(value)
  return text.length <= 200 && plain.test(text) ? text : cut(revealed(text.slice(0, 400)).replace(/\s+/g, ' '))
}

const plain = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/
const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 199).toWellFormed()}…` : text)

/** What a workflow could write, or null when it writes nothing. */
export const writing = (compiled: Compiled): string | null => {
  const repo = compiled.repos.find((held) => held.access === 'write')
  if (repo) return `writes to ${repo.name}`
  const edit = compiled.steps.find((step) => step.kind === 'agent' && step.mode === 'edit')
  return edit ? `${edit.id} edits` : null
}
