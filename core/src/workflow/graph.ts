/**
 * Which step waits for which?
 * Nodes and edges of the compiled steps, for a drawing. It never orders or runs anything.
 */
import { z } from 'zod'
import type { Compiled } from './compiled.ts'

export const StepGraph = z.strictObject({
  /** `level`: 0 for steps that can start at once, else one more than the deepest need. */
  nodes: z.array(z.strictObject({ id: z.string(), kind: z.enum(['agent', 'run', 'gate', 'action', 'remember']), label: z.string(), level: z.int().nonnegative() })),
  edges: z.array(z.strictObject({ from: z.string(), to: z.string(), kind: z.enum(['needs', 'looks_at', 'repairs']) })),
})
export type StepGraph = z.infer<typeof StepGraph>

export const graphOf = (_compiled: Compiled): StepGraph => {
  throw new Error('graphOf is being written')
}
