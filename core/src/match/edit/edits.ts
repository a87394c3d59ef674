/**
 * Which changes of conditions would let an event start a workflow, or keep it from it?
 * Candidates in words, the narrowest first, and the characters each would change. Whether one does it is tried by the caller.
 */
import { isMap, isSeq, type Node, type YAMLMap } from 'yaml'
import { eventForm, fieldKind, tools } from '../../event/tools.ts'
import type { TriggerEvent } from '../../event/trigger-event.ts'
import type { Compiled, Condition, Trigger } from '../../workflow/compiled.ts'
import type { MatchAnswer } from '../match.ts'
import { pairOf, type TriggerPlace } from './trigger-places.ts'
import { replaced, withKey, withValue, withoutKey, withoutValue, written, type Splice } from './splice.ts'

type Value = string | number | boolean
type Map = YAMLMap<Node, Node | null>
/** `make`: the next characters to change in this text, at the trigger that comes nearest; null: it cannot be made there. */
export type Edit = {
  readonly words: string
  readonly make: (source: string, place: TriggerPlace, trigger: Trigger, answer: MatchAnswer | null) => Splice | null
}

/** Changes that widen conditions until the event fits. `answer` null: no trigger listens to the event. */
export const starting = (compiled: Compiled, event: TriggerEvent, answer: MatchAnswer | null): Edit[] => {
  if (answer === null) {
    const also = `listens to ${event.event} of ${tools[event.tool]?.title ?? event.tool} too`
    return [
      { words: `It ${also}; its other conditions stay.`, make: (source, place) => alsoEvent(source, place, event) },
    ]
  }
  const failed = answer.rows.filter((row) => !row.pass).map((row) => row.condition)
  const { where } = compiled.triggers[answer.trigger]!
  const choices = failed.length === 1 ? valuesOf(event, failed[0]!) : valuesOf(event, failed[0]!).slice(0, 1)
  const wider =
    (pick: Value | null) => (source: string, place: TriggerPlace, trigger: Trigger, now: MatchAnswer | null) => {
      const field = now?.rows.find((row) => !row.pass)?.condition
      if (field === undefined || !Object.hasOwn(trigger.where, field)) return null
      return widened(source, place, field, trigger.where[field]!, pick ?? valuesOf(event, field)[0] ?? null)
    }
  const out = failed.map((field) => `\`${field}\``).join(' and ')
  return [
    ...choices.map((value) => ({
      words: failed
        .map((field) =>
          Object.hasOwn(where, field)
            ? sayWider(field, where[field]!, failed.length === 1 ? value : (valuesOf(event, field)[0] ?? null))
            : field,
        )
        .join(' '),
      make: wider(failed.length === 1 ? value : null),
    })),
    {
      words: `${out} may be anything: the ${failed.length === 1 ? 'condition is' : 'conditions are'} taken out.`,
      make: (source, place, trigger, now) => {
        const field = now?.rows.find((row) => !row.pass)?.condition
        return field !== undefined && Object.hasOwn(trigger.where, field) ? takenOut(source, place, field) : null
      },
    },
  ]
}

/** Changes that narrow conditions until the event does not fit any more. */
export const stopping = (compiled: Compiled, event: TriggerEvent, answer: MatchAnswer): Edit[] => {
  const { where } = compiled.triggers[answer.trigger]!
  const fields = Object.keys(event.fields)
    .filter((field) => fieldKind(event.tool, event.event, field) !== null && !tools[event.tool]?.settings[field])
    .toSorted((a, b) => order(a) - order(b))
  return fields.flatMap((field) =>
    valuesOf(event, field).map((value) => {
      const listed = where[field] && 'is' in where[field]
      return {
        words: listed
          ? `\`${field}\` ${said(value)} is taken out of those that start it.`
          : `Nothing with \`${field}\` ${said(value)} starts it any more.`,
        make: (source: string, place: TriggerPlace, trigger: Trigger) =>
          narrowed(source, place, field, trigger.where[field], value),
      }
    }),
  )
}

/** What tells a kind of events comes before what tells a single one; long texts tell nothing. */
const kinds = [
  'label',
  'labels',
  'type',
  'components',
  'project',
  'status',
  'team',
  'channel',
  'repo',
  'branch',
  'source',
  'priority',
]
const single = ['key', 'number', 'title', 'text', 'body']
const order = (field: string): number =>
  kinds.includes(field) ? kinds.indexOf(field) : single.includes(field) ? 100 + single.indexOf(field) : 50

const said = (value: Value): string => (typeof value === 'string' ? `\`${value}\`` : String(value))

/** What an event says in a field, value by value; nothing that is empty or too long to be a condition. */
const valuesOf = (event: TriggerEvent, field: string): Value[] => {
  const held = Object.hasOwn(event.fields, field) ? event.fields[field] : null
  return (Array.isArray(held) ? held : [held])
    .filter((value): value is Value => value !== null && value !== undefined && value !== '')
    .filter((value) => typeof value !== 'string' || (value.length <= 200 && !value.includes('\n')))
    .slice(0, 5)
}

const sayWider = (field: string, condition: Condition, value: Value | null): string =>
  'gt' in condition
    ? `\`${field}\` may be ${String(value)} too: the bound is lowered.`
    : 'lt' in condition
      ? `\`${field}\` may be ${String(value)} too: the bound is raised.`
      : 'not' in condition
        ? `\`${field}\` ${value === null ? '' : said(value)} is not kept out any more.`
        : `\`${field}\` ${value === null ? '' : said(value)} starts it too.`

/** The mapping and the pair that hold a field's condition: `data.severity` stands below `data`. */
const conditionAt = ({ tool, options }: TriggerPlace, field: string) => {
  if (!options) return null
  const open = tools[tool]?.open ?? null
  if (open === null || !field.startsWith(open)) {
    const pair = pairOf(options, field)
    return pair ? { map: options, pair } : null
  }
  const outer = pairOf(options, open.slice(0, -1))
  const map = outer && isMap(outer.value) ? (outer.value as Map) : null
  const pair = map && pairOf(map, field.slice(open.length))
  // The last one goes with what held it.
  return pair ? (map.items.length === 1 ? { map, pair, holder: { map: options, pair: outer! } } : { map, pair }) : null
}

const operand = (node: Node | null, key: string): Node | null =>
  isMap(node) ? (pairOf(node as Map, key)?.value ?? null) : null

const widened = (
  source: string,
  place: TriggerPlace,
  field: string,
  condition: Condition,
  value: Value | null,
): Splice | null => {
  const at = conditionAt(place, field)
  if (!at || value === null) return null
  const node = at.pair.value
  if ('is' in condition) return withValue(source, isMap(node) ? operand(node, 'is') : node, value)
  if ('gt' in condition && typeof value === 'number')
    return replaced(
      operand(node, 'gt'),
      Number.isInteger(value) ? value - 1 : value - Math.max(Math.abs(value) * 1e-6, 1e-6),
    )
  if ('lt' in condition && typeof value === 'number')
    return replaced(
      operand(node, 'lt'),
      Number.isInteger(value) ? value + 1 : value + Math.max(Math.abs(value) * 1e-6, 1e-6),
    )
  if ('not' in condition) {
    const inner = operand(node, 'not')
    return withoutValue(source, isMap(inner) ? operand(inner, 'is') : inner, value)
  }
  return null
}

const takenOut = (source: string, place: TriggerPlace, field: string): Splice | null => {
  const at = conditionAt(place, field)
  if (!at) return null
  const { map, pair } = at.holder ?? at
  return withoutKey(source, map, pair)
}

const narrowed = (
  source: string,
  place: TriggerPlace,
  field: string,
  condition: Condition | undefined,
  value: Value,
): Splice | null => {
  if (condition === undefined) return withCondition(source, place, field, `{ not: ${written(value)} }`)
  const at = conditionAt(place, field)
  if (!at) return null
  const node = at.pair.value
  if ('is' in condition) return withoutValue(source, isMap(node) ? operand(node, 'is') : node, value)
  const inner = operand(node, 'not')
  if (!('not' in condition) || inner === null) return null
  return withValue(source, isMap(inner) ? operand(inner, 'is') : inner, value)
}

/** A further condition at the end of a trigger. */
const withCondition = (source: string, place: TriggerPlace, field: string, condition: string): Splice | null => {
  const { tool, event, entry, options } = place
  const open = tools[tool]?.open ?? null
  const inside = open !== null && field.startsWith(open)
  const name = inside ? field.slice(open.length) : field
  const text = inside ? `${open.slice(0, -1)}: { ${name}: ${condition} }` : `${name}: ${condition}`
  if (!options) {
    const whole = `{ ${tool === 'webhook' || tools[tool]?.event === event ? '' : `event: ${event}, `}${text} }`
    if ('word' in entry) return { from: entry.word.range![0], to: entry.word.range![1], text: `{ ${tool}: ${whole} }` }
    const end = entry.pair.value?.range ?? null
    return end && end[0] < end[1]
      ? null
      : { from: entry.pair.key.range![1] + 1, to: entry.pair.key.range![1] + 1, text: ` ${whole}` }
  }
  const held = inside ? pairOf(options, open.slice(0, -1)) : undefined
  if (held) return isMap(held.value) ? withKey(source, held.value as Map, `${name}: ${condition}`) : null
  return withKey(source, options, text)
}

/** One event more to listen to, where the trigger's own conditions are fields of it too. */
const alsoEvent = (
  source: string,
  { tool, event, entry, options }: TriggerPlace,
  { event: wanted }: TriggerEvent,
): Splice | null => {
  if (eventForm(tool, wanted) === null) return null
  if ('word' in entry)
    return {
      from: entry.word.range![0],
      to: entry.word.range![1],
      text: `{ ${tool}: { event: [${event}, ${wanted}] } }`,
    }
  const named = options && pairOf(options, 'event')
  if (named) return isSeq(named.value) || named.value ? withValue(source, named.value, wanted) : null
  return options ? withKey(source, options, `event: [${event}, ${wanted}]`) : null
}
