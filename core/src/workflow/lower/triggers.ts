/**
 * What does each written trigger mean: tool, event, conditions, who may start?
 * Checks fields against the tool's own table, and writes defaults out. It never asks whether the tool is connected.
 */
import { fieldKind, tools } from '../../event/tools.ts'
import type { Condition, Trigger } from '../compiled.ts'
import { cronRefusal } from '../cron.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many, type Item } from '../read-document.ts'
import { found } from '../schema-mistakes.ts'
import type { ConditionWritten } from '../written/condition.ts'
import type { TriggerOptions } from '../written/trigger.ts'

/** All triggers, with the place of each; without any written, a person starts it. */
export const lowerTriggers = (
  written: Item<'trigger'>[] | null,
  mistakes: Mistakes,
): { trigger: Trigger; path: Path }[] => {
  if (written === null || written.length === 0) return lowerTool('manual', 'requested', {}, [], mistakes)
  return written.flatMap(({ value, path }) => {
    if (value === undefined) return []
    if (typeof value === 'string') {
      const [tool = '', event] = value.split('.')
      const named = event ?? tools[tool]!.event
      if (named === null) return noEvent(tool, path, mistakes)
      return lowerTool(tool, named, {}, path, mistakes)
    }
    return Object.entries(value as Record<string, TriggerOptions | null>).flatMap(([tool, options]) => {
      const here = [...path, tool]
      const events = many(options?.event ?? tools[tool]!.event ?? undefined)
      if (events.length === 0) return noEvent(tool, here, mistakes)
      return events.flatMap((event) => lowerTool(tool, event, options ?? {}, here, mistakes))
    })
  })
}

const noEvent = (tool: string, path: Path, mistakes: Mistakes): [] => {
  const events = Object.keys(tools[tool]!.events)
  mistakes.add({
    code: 'missing',
    path,
    at: 'key',
    message: `Which event of ${tools[tool]!.title}? \`event\` is missing.`,
    expected: events.join(', '),
  })
  return []
}

const lowerTool = (
  tool: string,
  event: string,
  options: TriggerOptions,
  path: Path,
  mistakes: Mistakes,
): { trigger: Trigger; path: Path }[] => {
  const form = tools[tool]!
  const where: Record<string, Condition> = {}
  const { event: _event, started_by, own_events, inputs, ...fields } = options
  for (const [field, written] of Object.entries(fields)) {
    if (form.open !== null && `${field}.` === form.open) {
      for (const [name, inner] of Object.entries(written as Record<string, ConditionWritten>))
        where[`${form.open}${name}`] = lowerCondition(inner)
      continue
    }
    const kind = fieldKind(tool, event, field)
    if (kind === null) {
      mistakes.add({
        code: 'unknown_field',
        path: [...path, field],
        at: 'key',
        message: `The event ${event} of ${form.title} has no field \`${field}\`.`,
        found: field,
        expected: Object.keys(form.events[event]!.fields).join(', '),
        words: Object.keys(form.events[event]!.fields),
        word: field,
      })
      continue
    }
    const condition = spelled(lowerCondition(written as ConditionWritten), form.spelled?.[field])
    const wrong = kindRefusal(condition, kind)
    if (wrong)
      mistakes.add({
        code: 'wrong_value',
        path: [...path, field],
        message: `\`${field}\` of ${form.title} is ${kindWords[kind]}; ${wrong}.`,
        found: found(written as never),
        expected: kindWords[kind],
      })
    where[field] = condition
  }
  for (const [name, setting] of Object.entries(form.settings)) {
    const written = fields[name]
    if (written === undefined && setting.required)
      mistakes.add({
        code: 'missing',
        path,
        at: 'key',
        message: `\`${name}\` is missing: ${setting.form === 'cron' ? 'five fields such as `0 9 * * 1-5`' : 'a value'}.`,
        expected: name,
      })
    if (written === undefined && setting.default !== null) where[name] = { is: [setting.default] }
    const wrong = typeof written !== 'string' ? null : settingForms[setting.form].wrong(written)
    if (wrong)
      mistakes.add({
        code: 'wrong_value',
        path: [...path, name],
        message: `\`${String(written).slice(0, 60)}\`: ${wrong}.`,
        found: String(written).slice(0, 60),
        expected: settingForms[setting.form].expected,
      })
  }
  const trigger: Trigger = {
    tool,
    event,
    where,
    startedBy: started_by === undefined ? [...form.startedBy] : [...new Set(many(started_by))],
    ownEvents: own_events ?? false,
    inputs: {},
  }
  for (const [name, input] of Object.entries(inputs ?? {}))
    trigger.inputs[name] = lowerInput(name, input, [...path, 'inputs', name], mistakes)
  return [{ trigger, path }]
}

/** How a setting must be written: why a text is none, or null; and what is expected in its place. */
const settingForms: Readonly<
  Record<'cron' | 'timezone' | 'missed', { wrong(text: string): string | null; expected: string }>
> = {
  cron: { wrong: cronRefusal, expected: 'minute hour day month weekday' },
  timezone: {
    wrong: (text) =>
      /^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/.test(text) ? null : 'it is no time zone such as Europe/Berlin',
    expected: 'a time zone',
  },
  missed: {
    wrong: (text) => (text === 'once' || text === 'skip' ? null : 'it is neither once nor skip'),
    expected: 'once, skip',
  },
}

/** A written condition in its one compiled form; a value or a list is `is`. */
/** Whole values as the tool writes them; parts of one (a prefix, a pattern) stay as they are written. */
export const spelled = (condition: Condition, as: ((value: string) => string) | undefined): Condition => {
  if (as === undefined) return condition
  if ('not' in condition) return { not: spelled(condition.not as Condition, as) }
  return 'is' in condition
    ? { is: condition.is.map((value) => (typeof value === 'string' ? as(value) : value)) }
    : condition
}

export const lowerCondition = (written: ConditionWritten): Condition => {
  if (typeof written !== 'object') return { is: [written] }
  if (Array.isArray(written)) return { is: [...new Set(written)] }
  const [[operator, value]] = Object.entries(written).filter(([, held]) => held !== undefined) as [
    [string, ConditionWritten],
  ]
  if (operator === 'is') return { is: [...new Set(many(value as string))] }
  return operator === 'not' ? { not: lowerCondition(value) } : ({ [operator]: value } as Condition)
}

export const kindWords = {
  text: 'a text',
  list: 'a list of texts',
  number: 'a number',
  flag: 'true or false',
  any: 'any value',
} as const

export const kindRefusal = (condition: Condition, kind: keyof typeof kindWords): string | null => {
  const [[operator, wanted]] = Object.entries(condition) as [[string, unknown]]
  if (kind === 'any' || operator === 'exists') return null
  if (operator === 'not') return kindRefusal(wanted as Condition, kind)
  const numeric = operator === 'gt' || operator === 'lt'
  if (numeric) return kind === 'number' ? null : `${operator} compares numbers`
  if (operator !== 'is') return kind === 'text' || kind === 'list' ? null : `${operator} compares texts`
  const type = kind === 'number' ? 'number' : kind === 'flag' ? 'boolean' : 'string'
  const odd = (wanted as (string | number | boolean)[]).find((value) => typeof value !== type)
  return odd === undefined
    ? null
    : `${typeof odd === 'string' ? `\`${odd}\`` : String(odd)} is not${type === 'string' ? ' a text; write it in quotes' : ''}`
}

type InputWritten = NonNullable<TriggerOptions['inputs']>[string]

const lowerInput = (name: string, written: InputWritten, path: Path, mistakes: Mistakes): Trigger['inputs'][string] => {
  const input = typeof written === 'string' ? { type: written } : written
  const type =
    input.type ?? (input.default === undefined ? 'string' : (typeof input.default as 'string' | 'number' | 'boolean'))
  if (input.default !== undefined && typeof input.default !== type)
    mistakes.add({
      code: 'wrong_value',
      path: [...path, 'default'],
      message: `The default of \`${name}\` is not a ${type}.`,
      found: String(input.default),
      expected: `a ${type}`,
    })
  if (input.default !== undefined && input.required === true)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'required'],
      message: `\`${name}\` has a default, so it is never missing; take \`required\` or \`default\` out.`,
      expected: 'one of required, default',
    })
  return {
    type,
    required: input.required ?? false,
    default: input.default ?? null,
    description: input.description ?? null,
  }
}
