/**
 * Which earlier change does a step that edits start from?
 * Read from the needs alone, so that the compiler and the run give one answer. It never looks at a tree.
 */
import type { Step } from './compiled.ts'

type Placed = Pick<Step, 'id' | 'kind' | 'needs'> & { mode?: string }

const isEdit = (step: Placed): boolean => step.kind === 'agent' && step.mode === 'edit'

/** The last step that edits among all that is done before this one, or null: then it starts from the repository as it was pinned. */
export const buildsOn = (steps: readonly Placed[], id: string): string | null => {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const before = new Set<string>()
  const walk = (at: string): void => {
    for (const need of byId.get(at)?.needs ?? []) {
      if (before.has(need)) continue
      before.add(need)
      walk(need)
    }
  }
  walk(id)
  before.delete(id)
  return steps.findLast((step) => before.has(step.id) && isEdit(step))?.id ?? null
}
