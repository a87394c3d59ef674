/**
 * Does a gate ask as the frozen workflow says?
 * It derives what had to be asked from the run spec; it never believes the gate's own account of it.
 */
import { protectedIn } from '../policy/paths.ts'
import type { FactOf as Data } from '../run/facts.ts'
import type { RunSpec } from '../run/spec.ts'

type Opened = Data<'gate.opened'>

/** Why a gate is weaker than its workflow's step, or null. Gates that no step names (commands, questions) are not written there. */
export const weakerThanWritten = (spec: RunSpec, gate: Opened): string | null => {
  if (gate.gateStep === null) return null
  const step = spec.workflow.compiled.steps.find((one) => one.id === gate.gateStep)
  if (step?.kind !== 'gate') return `The workflow has no gate ${gate.gateStep}.`
  // Code owners are named by the paths that were touched; who they are is not written in the workflow.
  const added = step.approvers.includes('codeowners')
    ? undefined
    : gate.approvers.find((one) => !step.approvers.includes(one))
  if (added !== undefined) return `It asks ${added}; the workflow asks ${step.approvers.join(', ')}.`
  const needed = step.required + (touchesProtected(spec, gate) ? 1 : 0)
  if (gate.required < needed) return `It needs ${gate.required} votes; the workflow asks for ${needed}.`
  const left = step.exclude.find((one) => !gate.exclude.includes(one))
  if (left !== undefined) return `The workflow excludes the ${left.replace('_', ' ')}; the gate does not.`
  return gate.subject.kind === step.gate && gate.step === step.of
    ? null
    : `It is not about the ${step.gate} of ${step.of}.`
}

/** Is a protected file among those of the change? Read from the files themselves, not from the gate's list of them. */
const touchesProtected = (spec: RunSpec, { subject }: Opened): boolean => {
  if ((subject.kind !== 'change' && subject.kind !== 'action') || !subject.change) return false
  return protectedIn(spec.workflow.compiled.repos, subject.change).length > 0
}
