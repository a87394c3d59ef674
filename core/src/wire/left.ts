/**
 * What left a runner about one run, told by the runner's own ledger?
 * Names of fields, sizes and places, never values. It is served when somebody asks, like a body, and kept nowhere on the way.
 */
import { z } from 'zod'
import { levels } from './level.ts'

/** The kinds of places that something goes to. */
export const leftTo = ['control plane', 'model', 'git', 'host'] as const

/** One kind of message to one place, by how much it gives away. Times are milliseconds by the runner's clock. `kept`: texts that stayed there. */
export const LeftRow = z.strictObject({
  to: z.string().max(300),
  place: z.enum(leftTo),
  what: z.string().max(120),
  level: z.enum(levels),
  messages: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  kept: z.int().nonnegative(),
  first: z.int(),
  last: z.int(),
  fields: z
    .array(z.strictObject({ field: z.string().max(200), count: z.int(), bytes: z.int(), kept: z.int() }))
    .max(200),
})
export const LeftSummary = z.strictObject({
  messages: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  kept: z.int().nonnegative(),
  rows: z.array(LeftRow).max(1_000),
})
export type LeftSummary = z.infer<typeof LeftSummary>

/** Most bytes of such an answer. */
export const leftAtMost = 1_048_576
