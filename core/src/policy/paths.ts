/**
 * Which files of a change need one approver more, and which may not be changed at all?
 */
import type { ChangedFile } from '../gate/subject.ts'
import type { RepoUse } from '../workflow/compiled.ts'

/** Paths (old and new names) that are protected, in order, with the rule that says so. */
export const protectedPaths = (_files: readonly ChangedFile[], _repo: Pick<RepoUse, 'protect'>): { path: string; rule: string }[] => {
  throw new Error('protectedPaths is being written')
}

/** Files that may not be in a change: outside the write globs, unsafe names, symlinks, submodules. Empty: all may. */
export const refusedPaths = (_files: readonly ChangedFile[], _repo: Pick<RepoUse, 'access' | 'write'>): { path: string; why: string }[] => {
  throw new Error('refusedPaths is being written')
}
