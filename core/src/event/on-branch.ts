/**
 * Which branch, at which commit, is told of by a machine: a push to it, a build of it?
 * A comment, a label or a review is somebody's, whatever it stands on. It never asks whose branch it is.
 */
import { branchTold, type BranchTold } from './branch-told.ts'
import type { TriggerEvent } from './trigger-event.ts'

/** Every event with a field `branch`: does what happened to the branch tell it (`machine`), or somebody who looked at it (`person`)? */
export const toldBy: Readonly<Record<string, Readonly<Record<string, 'machine' | 'person'>>>> = {
  github: {
    check_failed: 'machine',
    push: 'machine',
    pr_updated: 'machine',
    pr_opened: 'person',
    pr_labeled: 'person',
    pr_comment: 'person',
    pr_closed: 'person',
    pr_ready: 'person',
    pr_reopened: 'person',
    review_requested: 'person',
    review_submitted: 'person',
  },
  gitlab: {
    pipeline_failed: 'machine',
    push: 'machine',
    mr_updated: 'machine',
    mr_opened: 'person',
    mr_labeled: 'person',
    mr_approved: 'person',
    mr_closed: 'person',
    mr_ready: 'person',
    mr_reopened: 'person',
    mr_comment: 'person',
  },
  ci: { build_failed: 'machine', build_passed: 'machine', build_fixed: 'machine', test_flaked: 'machine' },
}

/** `ref` in full; null: no branch was told, or the number of a pull request (`pull`) in its place. `commit` null: none was told in full. */
export type OnBranch = {
  readonly repo: string
  readonly ref: string | null
  readonly commit: string | null
  readonly pull: BranchTold['pull']
}

/** The branch of a repository itself, or null: the event is of no branch, of a fork's, or somebody's doing. */
export const onBranch = ({ tool, event, subject, fields }: TriggerEvent): OnBranch | null => {
  const { repo, branch, fork } = fields
  if (toldBy[tool]?.[event] !== 'machine' || typeof repo !== 'string' || fork === true) return null
  const told = typeof branch === 'string' && branch !== '' ? branch : null
  // A forge says a branch by its name, whatever that looks like; a build system says what it happens to have.
  const read = told !== null && tool === 'ci' ? branchTold(told) : { branch: told, pull: null }
  const ref = read.branch === null ? null : `refs/heads/${read.branch}`
  const commit = /@([0-9a-f]{40}|[0-9a-f]{64})(?: |$)/.exec(subject.ref ?? '')?.[1] ?? null
  return ref === null && commit === null && read.pull === null ? null : { repo, ref, commit, pull: read.pull }
}
