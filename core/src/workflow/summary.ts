/**
 * What does a workflow say, in sentences a team lead reads?
 * A reading of the compiled form alone: two spellings of one meaning give one summary. It never decides anything.
 */
import { z } from 'zod'
import type { Compiled } from './compiled.ts'

export const summaryKeys = ['starts', 'touches', 'protected', 'context', 'steps', 'asks', 'does', 'runs_on', 'stops_at'] as const
/** Sentences by group, in reading order. `default`: nobody had to write it; it is what happens when nothing is said. */
export const Summary = z.array(z.strictObject({ key: z.enum(summaryKeys), title: z.string(), lines: z.array(z.strictObject({ text: z.string(), default: z.boolean() })) }))
export type Summary = z.infer<typeof Summary>

export const summarize = (_compiled: Compiled): Summary => {
  throw new Error('summarize is being written')
}
