/**
 * What did an effect turn out to have done, by its receipt?
 * A receipt states what was observed; what it does not state is null here, never assumed.
 */
import { changeDigest, type Change } from '../gate/subject.ts'
import type { Receipt } from '../run/facts.ts'

/** Digest and tree that were observed to be outside now. */
export type Executed = { digest: string | null; tree: string | null; commit: string | null }

const textAt = (observed: Record<string, unknown>, name: string): string | null =>
  typeof observed[name] === 'string' ? observed[name] : null

/** Reads `observed.digest`, `observed.tree` and `observed.commit` of a receipt. */
export const executedOf = ({ observed }: Receipt): Executed => ({
  digest: textAt(observed, 'digest'),
  tree: textAt(observed, 'tree'),
  commit: textAt(observed, 'commit'),
})

/** Why what was done is not what was approved, or null. A merge makes a tree of its own, so there only a stated digest is compared. */
export const executedOtherwise = (
  action: string,
  approved: string,
  change: Change | null,
  done: Executed,
): string | null => {
  if (done.digest !== null && done.digest !== approved) return `approved ${approved}, executed ${done.digest}`
  if (!change) return null
  if (changeDigest(change) !== approved) return `approved ${approved}, proposed ${changeDigest(change)}`
  if (action !== 'git.merge' && done.tree !== null && done.tree !== change.tree)
    return `approved tree ${change.tree}, executed tree ${done.tree}`
  return null
}
