/**
 * What is read of one event, once for all conditions that are held against it?
 * The values of its fields, how they are said and how they look; and what several triggers want alike. It is forgotten with the event.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'
import type { Held } from '../policy/condition.ts'
import { sayValue } from '../workflow/summary/condition.ts'
import { textsIn, type Pairs, type Text } from './hint.ts'
import type { MatchRow } from './row.ts'

type Value = TriggerEvent['fields'][string] | undefined

/** A field of the event. `found`: how its value is said. `texts`, `ends`: made when they are asked for. */
export type SeenField = {
  readonly value: Value
  readonly found: string
  texts: readonly Text[] | null
  readonly ends: Map<string | null, string>
}

/** `held`, `rows`, `sentences`: of what several want, by its place; of what one trigger alone wants nothing is kept. */
export type Seen = {
  readonly event: TriggerEvent
  readonly fields: (SeenField | undefined)[]
  readonly held: (Held | undefined)[]
  readonly rows: (MatchRow | undefined)[]
  readonly sentences: (string | undefined)[]
  readonly pairs: Pairs
}

/** Nothing is read of it yet. `shared`: how many places there are for what several want. */
export const nothingSeen = (event: TriggerEvent, { fields, shared }: { fields: number; shared: number }): Seen => ({
  event,
  fields: new Array<SeenField | undefined>(fields).fill(undefined),
  held: new Array<Held | undefined>(shared).fill(undefined),
  rows: new Array<MatchRow | undefined>(shared).fill(undefined),
  sentences: new Array<string | undefined>(shared).fill(undefined),
  pairs: new Map(),
})

/** The field of this name; `at`: its place. */
export const fieldSeen = (seen: Seen, name: string, at: number): SeenField =>
  (seen.fields[at] ??= readField(Object.hasOwn(seen.event.fields, name) ? seen.event.fields[name] : undefined))

/** How a sentence ends that says what is in it, and what one would overlook. */
export const endOf = ({ value, found, ends }: SeenField, why: string | null): string => {
  let end = ends.get(why)
  if (end === undefined) {
    const is = Array.isArray(value) && value.length === 0 ? 'is empty' : `is ${found}`
    end = value === undefined ? `${why ?? 'is not known here'}.` : `${is}${why === null ? '' : ` (${why})`}.`
    ends.set(why, end)
  }
  return end
}

/** The texts in it, with how they look. */
export const textsSeen = (field: SeenField): readonly Text[] => (field.texts ??= textsIn(field.value))

const readField = (value: Value): SeenField => ({ value, found: say(value), texts: null, ends: new Map() })

const say = (value: Value): string => {
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
