/**
 * How is a trigger written?
 * One schema per tool, made from the tool's own table: `linear: { event: issue_assigned, team: Payments }`.
 */
import { z } from 'zod'
import type { ToolForm } from '../../event/listen.ts'
import { tools } from '../../event/tools.ts'
import { ConditionWritten } from './condition.ts'
import { Starters, Text } from './names.ts'
import { formed, keyed, listOf, oneOf, say } from './say.ts'

const value = z.union([z.string().max(2_000), z.number(), z.boolean()], say('a text, a number, true or false'))
const InputType = oneOf('a type', ['string', 'number', 'boolean'])
export const InputWritten = z.union(
  [
    InputType,
    keyed('an input', {
      type: InputType.optional(),
      required: z.boolean(say('true or false')).optional(),
      default: value.optional(),
      description: Text(300).optional(),
    }),
  ],
  say('an input: a type, or a mapping with type, required, default'),
)
const Inputs = z.record(
  formed('the name of an input, such as ticket', /^[a-z][a-z0-9_]{0,39}$/),
  InputWritten,
  say('inputs by name'),
)

const optionsOf = (form: ToolForm) => {
  const events = Object.keys(form.events) as [string, ...string[]]
  const fields = new Set(Object.values(form.events).flatMap((event) => Object.keys(event.fields)))
  const shape: Record<string, z.ZodType> = {
    event: listOf(`an event of ${form.title}`, oneOf(`an event of ${form.title}`, events), { min: 1 }),
  }
  for (const field of fields) shape[field] = Object.hasOwn(form.settings, field) ? Text(200) : ConditionWritten
  if (form.open !== null)
    shape[form.open.slice(0, -1)] = z.record(
      formed('the name of a field, such as severity', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/),
      ConditionWritten,
      say('conditions by field'),
    )
  if (form.inputs) shape['inputs'] = Inputs
  shape['started_by'] = Starters
  shape['own_events'] = z.boolean(say('true or false'))
  return keyed(
    `a trigger of ${form.title}`,
    Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])),
  )
}

/** The options of each tool's trigger; no options (`manual:`) are none. */
const toolOptions = Object.fromEntries(Object.entries(tools).map(([name, form]) => [name, optionsOf(form).nullable()]))

const names = Object.keys(tools).flatMap((name) => [
  name,
  ...Object.keys(tools[name]!.events).map((event) => `${name}.${event}`),
]) as [string, ...string[]]

/** One entry below `trigger`: a word (`manual`, `github.issue_labeled`) or tools with their options. */
export const TriggerWritten = z.union(
  [
    oneOf('a tool', names),
    keyed(
      'a trigger',
      Object.fromEntries(Object.entries(toolOptions).map(([name, options]) => [name, options.optional()])),
    ).refine((held) => Object.keys(held).length > 0, say('a tool with its event')),
  ],
  say(`a tool: ${Object.keys(tools).join(', ')}`),
)
export type TriggerOptions = {
  event?: string | string[]
  started_by?: string | string[]
  own_events?: boolean
  inputs?: Record<string, z.infer<typeof InputWritten>>
} & Record<string, unknown>
