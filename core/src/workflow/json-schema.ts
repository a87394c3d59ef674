/**
 * What may an editor offer while a workflow is written?
 * The JSON Schema (draft 2020-12) of the file, made from the parser's own schemas. Form only; meaning is checked by the compiler.
 */
import { z } from 'zod'
import { WorkflowDocument } from './written/document.ts'

/** The schema as a plain JSON value, the same for the same version of the language. */
export const workflowJsonSchema = (): Record<string, unknown> => ({
  ...(z.toJSONSchema(WorkflowDocument, {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'ref',
    unrepresentable: 'any',
  }) as Record<string, unknown>),
  title: 'Viewport workflow',
  description: 'Who may start work, what it may touch, who decides and where it runs. Language version 1.',
})
