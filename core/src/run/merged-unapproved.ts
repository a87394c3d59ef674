/**
 * Was the commit that somebody merged at the forge approved here?
 * A reading of what this run pushed and of how its gates ended. It never says who was allowed to merge there.
 */
import { changeDigest } from '../gate/subject.ts'
import type { FactOf } from './facts.ts'
import type { PullState } from './pull-state.ts'
import type { RunState } from './state.ts'

export type Unapproved = NonNullable<FactOf<'pull.merged'>['unapproved']>

/**
 * Why the commit `head` was approved by nobody here, or null: it was, or the workflow has no gate that asks about it.
 * `foreign`: this run did not push it. `undecided`: it did, and a gate on the change was not approved for it.
 */
export const unapprovedAt = (
  { intents, gates, spec }: Pick<RunState, 'intents' | 'gates' | 'spec'>,
  { repo, of }: Pick<PullState, 'repo' | 'of'>,
  head: string,
): Unapproved | null => {
  const pushed = Object.values(intents).filter(
    (one) => one.action === 'git.push' && one.params['repo'] === repo && one.receipt?.observed['commit'] === head,
  )
  if (pushed.length === 0) return 'foreign'
  const carried = new Set(pushed.map(({ change }) => (change === null ? null : changeDigest(change))))
  const isApproved = (step: string): boolean =>
    Object.values(gates).some(
      ({ gateStep, outcome, subject }) =>
        gateStep === step &&
        outcome === 'approved' &&
        subject.kind === 'change' &&
        carried.has(changeDigest(subject.change)),
    )
  const asks = spec.workflow.compiled.steps.filter(
    (one) => one.kind === 'gate' && one.gate === 'change' && one.of === of,
  )
  return asks.every(({ id }) => isApproved(id)) ? null : 'undecided'
}

/** What is said of such a merge after its name, without a full stop. */
export const unapprovedWords = (unapproved: Unapproved, head: string): string =>
  unapproved === 'foreign'
    ? `at ${head.slice(0, 12)}, which this run did not push and nobody approved here`
    : `at ${head.slice(0, 12)}, which nobody had approved here`
