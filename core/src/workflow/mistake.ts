/**
 * What is wrong with a file, where, and what would mend it?
 * One error of a workflow, context or checks file, as an editor and a terminal both need it. It never decides what is wrong.
 */
import { z } from 'zod'

/** Lines and columns count from 1 (UTF-16 units), offsets from 0; the end is exclusive. */
export const WorkflowError = z.strictObject({
  code: z.string().max(40), // unknown_key, wrong_type, unknown_word, missing, duplicate, yaml …
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  endLine: z.int().positive(),
  endColumn: z.int().positive(),
  offset: z.int().nonnegative(),
  endOffset: z.int().nonnegative(),
  /** Where in the document: ["steps", 2, "approvers", 0]. */
  path: z.array(z.union([z.string(), z.number()])),
  /** One sentence for people. */
  message: z.string(),
  found: z.string().nullable(),
  expected: z.string().nullable(),
  /** The nearest valid word, by edit distance. */
  nearest: z.string().nullable(),
  /** Replacing the offsets [from, to) by `text` mends it. */
  fix: z
    .strictObject({ label: z.string(), from: z.int().nonnegative(), to: z.int().nonnegative(), text: z.string() })
    .nullable(),
})
export type WorkflowError = z.infer<typeof WorkflowError>
