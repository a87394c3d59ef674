/**
 * Does a workflow open a draft before anybody decided, so that the forge's checks have run when the one decision is made?
 * A reading of the steps alone. A draft shows an unapproved change to whoever may see the repository: the workflow's own word lets it.
 */
import { actionForm } from '../action/actions.ts'
import type { ActionStep, Step } from '../workflow/compiled.ts'

/** Does this step open a draft of a change that a gate decides on after it? */
export const isDraftFirst = (steps: readonly Step[], step: Step): boolean =>
  step.kind === 'action' &&
  step.params['draft'] === true &&
  actionForm(step.action)?.publishes === true &&
  gatesAfter(steps, step).length > 0 &&
  !gatesOn(steps, step.of).some((gate) => comesAfter(steps, step.id, gate))

/** The step that opened the draft which a change gate looks at, or null. */
export const draftBefore = (steps: readonly Step[], gate: string): ActionStep | null => {
  for (const step of steps)
    if (step.kind === 'action' && isDraftFirst(steps, step) && gatesAfter(steps, step).includes(gate)) return step
  return null
}

const gatesOn = (steps: readonly Step[], of: string | null): string[] =>
  steps.flatMap((one) => (one.kind === 'gate' && one.gate === 'change' && one.of === of ? [one.id] : []))

const gatesAfter = (steps: readonly Step[], step: ActionStep): string[] =>
  gatesOn(steps, step.of).filter((gate) => comesAfter(steps, gate, step.id))

/** Does `id` need `before`, directly or through others? */
const comesAfter = (steps: readonly Step[], id: string, before: string): boolean => {
  const seen = new Set<string>()
  const left = [id]
  for (let one = left.pop(); one !== undefined; one = left.pop())
    for (const need of steps.find((step) => step.id === one)?.needs ?? []) {
      if (need === before) return true
      if (seen.has(need)) continue
      seen.add(need)
      left.push(need)
    }
  return false
}
