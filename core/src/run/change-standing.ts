/**
 * How does the change that a run opened stand: open, being merged, merged, closed?
 * Readings and steps of the fold. It never merges anything.
 */
import type { GateKind } from '../gate/subject.ts'
import { effectIsDue } from './due.ts'
import type { Failure } from './facts.ts'
import type { RunState } from './state.ts'

/** `open`, `merging`, `merged`, `abandoned`, or `unknown` without a change. A merge that is approved and waits for a runner is under way. */
export const changeStands = (state: RunState): string => {
  const underWay = Object.values(state.intents).some((i) => i.action === 'git.merge' && effectIsDue(state, i))
  return state.change?.state === 'open' && underWay ? 'merging' : (state.change?.state ?? 'unknown')
}

/** Somebody or the workflow merges the change; what stood in the way of an earlier try is past. */
export const merging = (state: RunState): RunState =>
  state.change?.state === 'open' ? { ...state, change: { ...state.change, state: 'merging', failure: null } } : state

/** A merge that did not come about leaves the change open, with the reason, so that it can be merged again or closed. */
export const notMerged = (
  state: RunState,
  intent: string,
  { summary, check }: Pick<Failure, 'summary' | 'check'>,
): RunState =>
  state.intents[intent]?.action === 'git.merge' && state.change?.state === 'merging'
    ? { ...state, change: { ...state.change, state: 'open', failure: { summary, check } } }
    : state

/** The change is merged, by whomever. */
export const mergedAs = (state: RunState, commit: string): RunState =>
  state.change ? { ...state, pending: [], change: { ...state.change, state: 'merged', failure: null, commit } } : state

/** Steps of the workflow that are to merge the change. */
export const mergeSteps = (state: Pick<RunState, 'spec'>): string[] =>
  state.spec.workflow.compiled.steps.filter((s) => s.kind === 'action' && s.action === 'git.merge').map((s) => s.id)

/** Who may merge the change on its page: whom its gates asked, the workflow's team, and admins. */
export const mayMerge = (
  { spec }: Pick<RunState, 'spec'>,
  gates: readonly { kind: GateKind; approvers: Iterable<string> }[],
): Set<string> => {
  const { team } = spec.workflow.compiled
  const asked = gates.flatMap((gate) => (gate.kind === 'change' ? [...gate.approvers] : []))
  return new Set([...asked, 'role:admin', ...(team === null ? [] : [`team:${team}`])])
}

/** The name of the gate at which the workflow asks before it merges, or null: then whoever may decide the change may merge it. */
export const mergeGate = (state: Pick<RunState, 'spec'>): string | null => {
  const merges = mergeSteps(state)
  const gate = state.spec.workflow.compiled.steps.find(
    (s) => s.kind === 'gate' && s.gate === 'action' && merges.includes(s.of),
  )
  return gate?.kind === 'gate' ? gate.name : null
}
