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
import { sayCondition, sayShould, sayValue } from '../workflow/summary/condition.ts'
import { admission, type People } from './admission.ts'
import { hintFor, nothingLooked, wantedIn, type Looked } from './hint.ts'

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

/**
 * What a trigger wants of one field. Triggers that want the same share one of these, so that its row and its sentence are made once per event; what is
 * said of the condition, whatever comes, is made once per version. `triggers`: how many want it; `last`: for the event that was matched last, where it is more than one.
 */
export type Wish = {
  readonly tool: string
  readonly event: string
  readonly field: string
  readonly condition: Condition
  expected: string | null
  should: string | null
  wanted: ReturnType<typeof wantedIn> | null
  triggers: number
  last: { readonly made: RowsMade; readonly row: MatchRow; sentence: string | null } | null
}
/** By what a trigger's rows are shared. Made once per trigger: to put these texts together costs more than everything else. */
export type RowKeys = {
  readonly event: string
  readonly by: string
  readonly own: string
  readonly wishes: readonly Wish[]
}
/** What several triggers have in common, of all that are prepared together. */
export type Shared = { readonly texts: Map<string, string>; readonly wishes: Map<string, Wish> }
export const nothingShared = (): Shared => ({ texts: new Map(), wishes: new Map() })

export const rowKeys = ({ tool, event, where, ownEvents, startedBy }: Trigger, { texts, wishes }: Shared): RowKeys => {
  const text = (made: string): string => kept(texts, made, () => made)
  const wish = (field: string, condition: Condition): Wish => ({
    tool,
    event,
    field,
    condition,
    expected: null,
    should: null,
    wanted: null,
    triggers: 0,
    last: null,
  })
  return {
    event: text(`event ${tool}.${event}`),
    by: text(`by ${ownEvents} ${startedBy.join(' ')}`),
    own: text(`own ${ownEvents}`),
    wishes: Object.entries(where).map(([field, condition]) => {
      const one = kept(wishes, JSON.stringify([tool, event, field, condition]), () => wish(field, condition))
      one.triggers++
      return one
    }),
  }
}

/** What is held by this key, or what `make` makes, and is held from then on. */
const kept = <T>(held: Map<string, T>, key: string, make: () => T): T => {
  let one = held.get(key)
  if (one === undefined) held.set(key, (one = make()))
  return one
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
  const rows = [made.rows.get(keys.event) ?? kept(made.rows, keys.event, () => eventRow(event, trigger))]
  for (const wish of keys.wishes) rows.push(rowOf(event, wish, made))
  rows.push(
    made.rows.get(keys.by) ?? kept(made.rows, keys.by, () => startedByRow(event, trigger, people)),
    made.rows.get(keys.own) ?? kept(made.rows, keys.own, () => ownRow(event, trigger)),
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

const eventRow = (event: TriggerEvent, trigger: Trigger): MatchRow =>
  row(
    'event',
    trigger.event,
    event.event,
    trigger.tool === event.tool && trigger.event === event.event && eventForm(trigger.tool, trigger.event) !== null,
  )

const startedByRow = ({ actor }: TriggerEvent, trigger: Trigger, people: People): MatchRow => {
  const admitted = admission(actor, trigger, people)
  return { ...row('started by', admitted.expected, admitted.found, admitted.yes, admitted.why), about: 'actor' }
}

const ownRow = ({ actor }: TriggerEvent, { ownEvents }: Trigger): MatchRow => ({
  ...row(
    'own events',
    ownEvents ? 'done by anybody, also by a run' : 'not done by a run',
    origins[actor.trust],
    ownEvents || actor.trust !== 'self',
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

/** What is kept for nobody else is not kept: ten thousand rows that outlive their event are what the collector would go through at the next one. */
const rowOf = (event: TriggerEvent, wish: Wish, made: RowsMade): MatchRow => {
  if (wish.triggers < 2) return wishedRow(event, wish, made)
  if (wish.last?.made !== made) wish.last = { made, row: wishedRow(event, wish, made), sentence: null }
  return wish.last.row
}

const wishedRow = (event: TriggerEvent, wish: Wish, made: RowsMade): MatchRow => {
  const { field, condition } = wish
  const expected = (wish.expected ??= sayCondition(condition).replace(/^is (?!there|not |above|below)/, ''))
  // A field that this version does not know matches nothing, whatever the event holds.
  if (fieldKind(wish.tool, wish.event, field) === null)
    return row(field, expected, 'not a field of this event', false, 'this event has no such field')
  const value = Object.hasOwn(event.fields, field) ? event.fields[field] : undefined
  const held = conditionHolds(condition, value)
  // How it is said what was found, by the field's bare name.
  const { found } = made.rows.get(field) ?? kept(made.rows, field, () => row(field, '', say(value), true))
  return row(field, expected, found, held === 'yes', held === 'yes' ? null : whyNot(wish, value, held, made))
}

const whyNot = (
  wish: Wish,
  value: TriggerEvent['fields'][string] | undefined,
  held: 'no' | 'unknown',
  made: RowsMade,
): string | null => {
  if (held === 'no') return hintFor(wish.field, (wish.wanted ??= wantedIn(wish.condition)), value, made.looked)
  return value === undefined
    ? 'it is not known for this event, and what is not known fits nothing'
    : 'this version of Viewport does not understand the condition'
}

/** How it is said what the event should have for it. */
export const shouldOf = (wish: Wish): string => (wish.should ??= sayShould(wish.condition))

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
