/**
 * Which step waits for which?
 * Nodes and edges of the compiled steps, for a drawing. It never orders or runs anything.
 */
import { z } from 'zod'
import type { Compiled, Step } from './compiled.ts'

export const StepGraph = z.strictObject({
  /** `level`: 0 for steps that can start at once, else one more than the deepest need. */
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['agent', 'run', 'gate', 'action', 'remember']),
      label: z.string(),
      level: z.int().nonnegative(),
    }),
  ),
  edges: z.array(z.strictObject({ from: z.string(), to: z.string(), kind: z.enum(['needs', 'looks_at', 'repairs']) })),
})
export type StepGraph = z.infer<typeof StepGraph>

export const graphOf = (compiled: Compiled): StepGraph => {
  const byId = new Map(compiled.steps.map((step) => [step.id, step]))
  const levels = new Map<string, number>()
  const levelOf = (id: string): number => {
    const known = levels.get(id)
    if (known !== undefined) return known
    levels.set(id, 0) // the compiler refuses cycles; a hand-made one must not hang a page
    const level = Math.max(-1, ...(byId.get(id)?.needs ?? []).map(levelOf)) + 1
    levels.set(id, level)
    return level
  }
  const nodes = compiled.steps.map((step) => ({
    id: step.id,
    kind: step.kind,
    label: labelOf(step),
    level: levelOf(step.id),
  }))
  const edges = compiled.steps.flatMap((step): StepGraph['edges'] => [
    ...step.needs.map((need) => ({ from: need, to: step.id, kind: 'needs' as const })),
    ...('of' in step && step.of !== null ? [{ from: step.of, to: step.id, kind: 'looks_at' as const }] : []),
    ...(step.kind === 'run' && step.fixWith !== null
      ? [{ from: step.id, to: step.fixWith, kind: 'repairs' as const }]
      : []),
  ])
  return { nodes, edges }
}

/** A step in a few words: "codex implements", "npm ci, npm test", "people decide on the plan". */
const labelOf = (step: Step): string => {
  switch (step.kind) {
    case 'agent':
      return `${step.agent ?? 'agent'} ${{ plan: 'plans', read: 'reads', edit: 'implements', review: 'reviews' }[step.mode]}`
    case 'run':
      return step.commands?.join(', ') ?? "the repository's own checks"
    case 'gate':
      return `people decide on the ${step.gate}`
    case 'action':
      return step.action
    case 'remember':
      return 'remember'
  }
}
