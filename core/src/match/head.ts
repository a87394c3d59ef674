/**
 * Which branch or pull request of a repository is an event about?
 * Read from the event's own fields, as a full ref name. It never asks whether the ref exists, and trusts no name that git would not take.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import { refRefusal } from '../policy/ref-name.ts'

/** Where a pull request's head is kept by its forge, also one of a fork (GitHub: `refs/pull/N/head`, GitLab: `refs/merge-requests/N/head`). */
const heads: Readonly<Record<string, (number: number) => string>> = {
  github: (number) => `refs/pull/${number}/head`,
  gitlab: (number) => `refs/merge-requests/${number}/head`,
}
const headForm = /^refs\/(pull|merge-requests)\/[1-9]\d{0,9}\/head$/

/** The full ref, and whether it is of a fork; null: the event is about no branch of this repository. */
export const headOf = (event: TriggerEvent, repository: string): { ref: string; fork: boolean } | null => {
  const { repo, branch, number, fork } = event.fields
  if (typeof repo !== 'string' || repo.toLowerCase() !== repository.toLowerCase()) return null
  if (fork === true)
    return typeof number === 'number' &&
      Number.isInteger(number) &&
      number > 0 &&
      number < 1e10 &&
      Object.hasOwn(heads, event.tool)
      ? { ref: heads[event.tool]!(number), fork: true }
      : null
  const ref = `refs/heads/${typeof branch === 'string' ? branch : ''}`
  return refRefusal(ref, { ours: false }) === null ? { ref, fork: false } : null
}

/** Can an event be about this ref? */
export const isHead = (ref: string): boolean => headForm.test(ref) || refRefusal(ref, { ours: false }) === null
