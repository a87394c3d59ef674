/**
 * Which fields does an event carry?
 * What a tool told, narrowed to the fields its table knows; a field it did not tell is written out as nothing, so that conditions can see that.
 */
import type { TriggerEvent } from './trigger-event.ts'
import { eventForm, fieldKind } from './tools.ts'

type Fields = TriggerEvent['fields']

/** Fields of an event from what is known. Unknown names and values of another kind are dropped (they then match nothing). */
export const fieldsFor = (tool: string, event: string, known: Readonly<Record<string, unknown>>): Fields => {
  const form = eventForm(tool, event)
  const fields: Fields = {}
  for (const [name, kind] of Object.entries(form?.fields ?? {})) fields[name] = kind === 'list' ? [] : null
  for (const [name, value] of Object.entries(known)) {
    const kind = fieldKind(tool, event, name)
    const read = kind === null ? undefined : valueOf(kind, value)
    if (read !== undefined) fields[name] = read
    else delete fields[name]
  }
  return fields
}

const valueOf = (kind: NonNullable<ReturnType<typeof fieldKind>>, value: unknown): Fields[string] | undefined => {
  if (value === null) return kind === 'list' ? [] : null
  const text = (held: unknown, most: number): held is string => typeof held === 'string' && held.length <= most
  const list =
    Array.isArray(value) &&
    value.length <= 500 &&
    value.every((member) => text(member, 2_000) || typeof member === 'number')
      ? (value as (string | number)[])
      : undefined
  switch (kind) {
    case 'text':
      return text(value, 20_000) ? value : undefined
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'list':
      return list
    case 'any':
      return text(value, 20_000) || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
        ? value
        : list
  }
}
