/** What does one line of the ledger of what left say? Where to, what, how many bytes of which field; never a value. */
import { z } from 'zod'
import { levels } from '@viewportai/core/wire/level'

export const Left = z.object({
  at: z.string(),
  to: z.string(), // origin
  what: z.string(), // report finished, body plan, log …
  step: z.string().nullable(),
  attempt: z.int().nullable(),
  bytes: z.int().nonnegative(),
  /** a body by digest with the range that went, or null */
  body: z.object({ digest: z.string(), from: z.int(), to: z.int() }).nullable(),
  fields: z.array(
    z.object({ field: z.string(), level: z.enum(levels), count: z.int(), bytes: z.int(), kept: z.int().optional() }),
  ),
})
export type Left = z.infer<typeof Left>
