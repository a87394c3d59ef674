/**
 * What of an event with outside text does a person see who decides about it, and is an agent given?
 * One cut for both: whoever lets the text pass has read all that an agent will read. It never judges the text, and the run's facts keep all of it.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'
import { URL } from '../tools/url.ts'
import type { RunState } from './state.ts'

// A question holds 20,000 characters. The five of one line (a title has 300, each written out as 8 at most) and our own words take 4,300 of them.
const titleRoom = 2_400
const labelRoom = 120
const nameRoom = 200
const urlRoom = 600
const textHead = 6_400
const textTail = 3_000
const fieldsRoom = 6_000
const valueHead = 400
const valueTail = 200

/** The event as an agent of this run is given it: whole where members of the workspace alone wrote in it, else what is shown to whoever decides. */
export const givenEvent = ({ spec }: Pick<RunState, 'spec'>): TriggerEvent =>
  spec.event.outsideText ? shownEvent(spec.event) : spec.event

/**
 * The event with both ends of a text, of values and of lists that are too long to be shown, and without the fields that find no room; what is left
 * out is said. Everything that a prompt can name (`trigger.…`) goes through here: titles, names and ids on one line with what hides in them written
 * out, and an address as it is written to a server, so that no sentence stands in it unseen; one that is longer than the question has room for is cut.
 */
export const shownEvent = (event: TriggerEvent): TriggerEvent => {
  const text = bothEnds(revealed(event.text), textHead, textTail)
  const { actor, subject } = event
  return {
    ...event,
    id: oneLine(event.id, nameRoom),
    actor: { ...actor, id: oneLine(actor.id, nameRoom), name: oneLine(actor.name, nameRoom) },
    subject: {
      ...subject,
      label: oneLine(subject.label, labelRoom),
      title: oneLine(subject.title, titleRoom),
      url: subject.url === null ? null : shownAddress(subject.url),
    },
    text: text === revealed(event.text) ? event.text : text,
    fields: shownFields(event.fields),
  }
}

/** An empty line ends our own words in a question, and a name must not. */
const oneLine = (text: string, most: number): string => {
  const line = revealed(text, { emoji: true }).replaceAll(/\s+/g, ' ')
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`
}

/** Blanks and line breaks in an address are written as a server gets them. */
const shownAddress = (url: string): string => oneLine(URL.canParse(url) ? new URL(url).href : url, urlRoom)

/** A field on one line, with everything in it that a page would not show. */
export const fieldLine = (name: string, value: Value): string => revealed(`${name}: ${JSON.stringify(value)}`)

type Fields = TriggerEvent['fields']
type Value = Fields[string]

/** They say which branch or pull request the event is about: a runner compares that with what it is given. */
const ofTheHead = ['repo', 'branch', 'number', 'fork']

const shownFields = (fields: Fields): Fields => {
  const all = Object.entries(fields)
  if (roomOf(all) <= fieldsRoom) return fields
  const cut = all.map(([name, value]): [string, Value] => [name, shortValue(value)])
  if (roomOf(cut) <= fieldsRoom) return Object.fromEntries(cut)
  let left = fieldsRoom - 120 // for the line that says how many are not here
  const first = cut.toSorted(([a], [b]) => Number(ofTheHead.includes(b)) - Number(ofTheHead.includes(a)))
  const kept = first.filter((one) => {
    const room = roomOf([one])
    if (room > left) return false
    left -= room
    return true
  })
  return Object.fromEntries([...kept, ['left_out', `${cut.length - kept.length} fields are left out here${elsewhere}`]])
}

const roomOf = (fields: readonly [string, Value][]): number =>
  fields.reduce((sum, [name, value]) => sum + fieldLine(name, value).length + 1, 0)

const shortValue = (value: Value): Value => {
  if (typeof value === 'string') return bothEnds(revealed(value), valueHead, valueTail)
  if (!Array.isArray(value)) return value
  let left = valueHead + valueTail
  const kept = value.filter((one) => (left -= revealed(String(one)).length) >= 0)
  return kept.length === value.length
    ? value
    : [...kept, `[${value.length - kept.length} of the list are left out here${elsewhere}]`]
}

export const elsewhere = "; the run's facts have all of it"

/** Both ends of a long text: what is left out is said, and the end is never what is hidden. */
export const bothEnds = (text: string, head: number, tail: number): string =>
  text.length <= head + tail
    ? text
    : `${text.slice(0, head).toWellFormed()}\n[${text.length - head - tail} characters are left out here${elsewhere}]\n${text.slice(-tail).toWellFormed()}`
