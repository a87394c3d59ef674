/**
 * How is a condition on a field of an event written?
 * A value, a list (any of), or one operator. Form only: whether the field exists is checked against the tool's table.
 */
import { z } from 'zod'
import { keyed, say } from './say.ts'

export const operators = ['is', 'not', 'prefix', 'contains', 'glob', 'exists', 'gt', 'lt'] as const

const noun = `a value, a list of values, or one of ${operators.join(', ')}`
const value = z.union(
  [z.string().max(500, say('a text of at most 500 characters')), z.number(), z.boolean()],
  say('a text, a number, true or false'),
)
const values = z.union(
  [value, z.array(value, say(noun)).min(1, say('a list with at least one value')).max(100, say('at most 100 values'))],
  say(noun),
)
const text = z
  .string(say('a text'))
  .min(1, say('a text that is not empty'))
  .max(500, say('a text of at most 500 characters'))
const number = z.number(say('a number'))

const shape = {
  is: values,
  prefix: text,
  contains: text,
  glob: text,
  exists: z.boolean(say('true or false')),
  gt: number,
  lt: number,
}
const partial = Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])) as {
  [K in keyof typeof shape]: z.ZodOptional<(typeof shape)[K]>
}
const single = (held: object): boolean => Object.keys(held).length === 1

const Operator = keyed('an operator', {
  ...partial,
  not: z
    .union([values, keyed('an operator', partial).refine(single, say('exactly one operator'))], say(noun))
    .optional(),
}).refine(single, say('exactly one operator'))

export const ConditionWritten = z.union([values, Operator], say(noun))
export type ConditionWritten = z.infer<typeof ConditionWritten>
