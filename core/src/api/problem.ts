/**
 * How does an error of the API look? (RFC 9457, `application/problem+json`)
 * `code` is from the table of refusals, or `fault` when it is the server's own; it never holds a stack or an inner name.
 */
import { z } from 'zod'

export const problemMedia = 'application/problem+json'

export const Problem = z.object({
  type: z.string(), // urn:viewport:problem:not_ready
  title: z.string(),
  status: z.int(),
  /** What happened, as a sentence. */
  detail: z.string(),
  code: z.string(),
  /** What to do now, as a sentence. */
  next: z.string(),
  /** The values behind the words. */
  facts: z.record(z.string(), z.unknown()).optional(),
  /** One line per thing that is not valid: `path` as in `body.lines[0].path`. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
})
export type Problem = z.infer<typeof Problem>
