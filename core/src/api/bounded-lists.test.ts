/** Nothing that a stranger, a runner or a person sends has a list or a map without an end: `[{}, {}, …]` of 8 MB costs gigabytes to hold against a form. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { outgoing } from '../wire/message-levels.ts'
import { routes } from './routes.ts'

/** Where in this schema a list can have any number of elements. */
const endless = (schema: z.ZodType, at: string, seen = new Set<z.ZodType>()): string[] => {
  if (seen.has(schema)) return []
  seen.add(schema)
  const below = (part: unknown, name: string): string[] => endless(part as z.ZodType, `${at}${name}`, seen)
  if (schema instanceof z.ZodArray) {
    const ends = (schema._zod.def.checks ?? []).some((one) =>
      ['max_length', 'length_equals'].includes(one._zod.def.check),
    )
    return [...(ends ? [] : [at]), ...below(schema.element, '[]')]
  }
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, part]) => below(part, at === '' ? name : `.${name}`))
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((part) => below(part, ''))
  if (schema instanceof z.ZodRecord) return below(schema.valueType, '.*')
  if (schema instanceof z.ZodTuple) return schema._zod.def.items.flatMap((part, n) => below(part, `[${n}]`))
  if (schema instanceof z.ZodPipe) return [...below(schema.in, ''), ...below(schema.out, '')]
  if (schema instanceof z.ZodIntersection)
    return [...below(schema._zod.def.left, ''), ...below(schema._zod.def.right, '')]
  if (schema instanceof z.ZodLazy) return below(schema._zod.def.getter(), '')
  const inner = (schema._zod.def as { innerType?: unknown }).innerType
  return inner === undefined ? [] : below(inner, '')
}

test('a list without an end is found, wherever it stands', () => {
  expect(endless(z.strictObject({ a: z.array(z.string()).max(3) }), '')).toEqual([])
  expect(endless(z.strictObject({ a: z.array(z.int()).length(3) }), '')).toEqual([])
  for (const wrapped of [
    z.array(z.string()),
    z.array(z.string()).optional(),
    z.array(z.string()).nullable().default(null),
    z.array(z.string()).min(2),
    z.union([z.string(), z.array(z.string())]),
    z.array(z.string()).transform((list) => list.length),
    z.array(z.string()).refine(() => true),
  ])
    expect(endless(z.strictObject({ a: wrapped }), '')).toEqual(['a'])
  expect(endless(z.record(z.string(), z.strictObject({ b: z.array(z.array(z.int()).max(2)) })), '')).toEqual(['.*.b'])
})

test('every list of what a runner sends has an end', () => {
  expect(
    Object.entries(outgoing).flatMap(([name, schema]) => endless(schema, '').map((at) => `${name}: ${at}`)),
  ).toEqual([])
})

test('every list of what a request to the API brings has an end', () => {
  const asked = Object.entries(routes as Record<string, { body?: z.ZodType; query?: z.ZodType }>)
  expect(
    asked.flatMap(([name, { body, query }]) =>
      [body, query].flatMap((schema) =>
        schema === undefined ? [] : endless(schema, '').map((at) => `${name}: ${at}`),
      ),
    ),
  ).toEqual([])
})
