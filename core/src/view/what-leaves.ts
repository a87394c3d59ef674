/**
 * What does an approval at this gate let leave the runner?
 * A reading of what the run's actions will do with the change, so that no card promises a push that has happened or never comes.
 */
import type { GateState, RunState } from '../run/state.ts'
import { publishedStep } from '../run/action-inputs.ts'

/** push: a branch is pushed · open: it was pushed already, as approved, and the change is opened · nothing: the run brings nothing out · null: the gate is about something else */
export type Leaves = 'push' | 'open' | 'nothing' | null

export const whatLeaves = (state: RunState, gate: GateState): Leaves => {
  const { subject } = gate
  if (subject.kind === 'command') return subject.push ? 'push' : null
  if (subject.kind !== 'change') return null
  const actions = state.spec.workflow.compiled.steps.filter(
    (spec) => spec.kind === 'action' && publishedStep(state, spec.of) === gate.step,
  )
  if (actions.length === 0) return 'nothing'
  const pushed = Object.values(state.intents).some(
    (i) =>
      i.action === 'git.push' &&
      i.state === 'succeeded' &&
      i.doneAt! <= gate.openedAt && // a card keeps its words when it is decided
      i.change?.tree === subject.change.tree &&
      i.params['ref'] === subject.ref,
  )
  return pushed ? 'open' : 'push'
}
