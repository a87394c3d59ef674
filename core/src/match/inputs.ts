/**
 * Are these the inputs that a trigger declares?
 * Checks names and types and fills defaults. Values stay data.
 */
import type { Trigger } from '../workflow/compiled.ts'
import { nearest } from '../workflow/nearest.ts'

export type InputValue = string | number | boolean | null
export type InputsRead =
  | { ok: true; inputs: Record<string, InputValue> }
  | { ok: false; errors: { input: string; why: string; nearest: string | null }[] }

/** Reads given inputs; texts from a command line are read as the declared type. Every error at once. An input that is not given and has no default is null. */
export const readInputs = (declared: Trigger['inputs'], given: Readonly<Record<string, unknown>>): InputsRead => {
  const errors: { input: string; why: string; nearest: string | null }[] = []
  const inputs: Record<string, InputValue> = {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name))
      errors.push({
        input: name.slice(0, 80),
        why: 'there is no such input',
        nearest: nearest(name, Object.keys(declared)),
      })
  }
  for (const [name, input] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined || value === null || value === '') {
      if (input.required) errors.push({ input: name, why: 'it is required', nearest: null })
      else inputs[name] = input.default
      continue
    }
    const read = readAs(input.type, value)
    if (read === undefined)
      errors.push({
        input: name,
        why: `it is not ${{ string: 'a text of at most 20000 characters', number: 'a number', boolean: 'true or false' }[input.type]}`,
        nearest: null,
      })
    else inputs[name] = read
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, inputs }
}

const readAs = (type: Trigger['inputs'][string]['type'], value: unknown): InputValue | undefined => {
  if (type === 'string')
    return typeof value === 'string' && value.length <= 20_000 && value.isWellFormed()
      ? value
      : typeof value === 'number'
        ? String(value)
        : undefined
  if (type === 'number') {
    const number = typeof value === 'string' && /^-?\d{1,15}(\.\d{1,10})?$/.test(value.trim()) ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }
  return typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined
}
