/** How is one condition told that an event was held against? */
import { z } from 'zod'

/** `condition`: event, a field's name, `started by`, `own events`, `outsiders`, `enabled`. `about`: whether the row is about who started it. `why`: what is behind it, and of a field that failed what one would overlook. */
export const MatchRow = z.strictObject({
  condition: z.string(),
  expected: z.string(),
  found: z.string(),
  pass: z.boolean(),
  about: z.enum(['actor']).nullable(),
  why: z.string().nullable(),
})
export type MatchRow = z.infer<typeof MatchRow>
