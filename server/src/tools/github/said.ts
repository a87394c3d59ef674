/** What do all readers of GitHub's events say in the same way: who, on what, which event it is? */
import { instant } from '@viewportai/core/tools/github/instant'
import { pathsField } from '../paths-field.ts'
import type { Said, Somebody } from '../port.ts'
import type { Issue, Pull, Repository, User } from '@viewportai/core/tools/github/payload'

const near: Readonly<Record<string, Somebody['standing']>> = {
  OWNER: 'collaborator',
  // Of the organisation, or invited, if only to read: whether they may write here is asked (rights.ts).
  MEMBER: 'unknown',
  COLLABORATOR: 'unknown',
  CONTRIBUTOR: 'outsider',
  FIRST_TIME_CONTRIBUTOR: 'outsider',
  FIRST_TIMER: 'outsider',
  MANNEQUIN: 'outsider',
  NONE: 'outsider',
}

/** Somebody by the number of the account. `association`: GitHub's word about them and this repository; null: it said none. */
export const somebody = (user: User | null, association: string | null): Somebody => {
  if (user === null) return { id: 'deleted', name: 'a deleted account', standing: 'unknown' }
  const standing =
    user.type === 'Bot' ? 'bot' : user.type === 'Organization' ? 'unknown' : (near[association ?? ''] ?? 'unknown')
  return { id: String(user.id), name: user.login, standing }
}

/** Who did it. GitHub tells an association for the authors alone: of anybody else nothing is known here. */
export const sender = (
  user: User | null,
  authors: readonly { user: User | null; author_association: string | null }[],
): Somebody =>
  somebody(user, authors.find((one) => one.user !== null && one.user.id === user?.id)?.author_association ?? null)

/** The latest of some times, or null when none is told. */
export const latest = (...times: (string | null | undefined)[]): number | null =>
  times.reduce<number | null>((last, time) => {
    const at = instant(time ?? null)
    return at === null || (last !== null && last >= at) ? last : at
  }, null)

/** Text of an event's field: longer ones are cut, so that conditions on the rest still see it. */
export const fieldText = (text: string | null): string => (text ?? '').slice(0, 20_000).toWellFormed()

export const issueFields = (repository: Repository, one: Issue | Pull): Said['fields'] => ({
  repo: repository.full_name,
  title: fieldText(one.title),
  body: fieldText(one.body),
  labels: one.labels.slice(0, 500).map((label) => label.name),
  author: one.user?.login ?? null,
  assignees: one.assignees.flatMap((user) => (user ? [user.login] : [])).slice(0, 500),
  milestone: one.milestone?.title ?? null,
  state: one.state,
  number: one.number,
})

export const pullFields = (
  repository: Repository,
  pull: Pull,
  paths: readonly string[] | undefined,
): Said['fields'] => ({
  ...issueFields(repository, pull),
  base: pull.base.ref,
  branch: pull.head.ref,
  draft: pull.draft ?? false,
  fork: isFork(pull),
  paths: pathsField(paths ?? [], paths !== undefined),
})

/** A branch of another repository, or of one that is gone. */
export const isFork = ({ head, base }: Pull): boolean => head.repo === null || head.repo.id !== base.repo?.id

export const subjectOf = ({ full_name: name }: Repository, one: Issue | Pull): Said['subject'] => ({
  label: `${name}#${one.number}`,
  title: one.title,
  url: one.html_url,
  ref: `${name}#${one.number}`,
})

/** An issue or pull request by numbers that stay when it is renamed: `1296269#42`. */
export const thing = (repository: Repository, { number }: { number: number }): string => `${repository.id}#${number}`

/**
 * Names for something that GitHub tells without an id of its own, at a time that a webhook and an answer of the API give up to two
 * seconds apart: of two overlapping rows of four seconds, both times share one.
 */
export const around = (name: string, at: string | null): string[] => {
  const seconds = Math.floor((instant(at) ?? 0) / 1_000)
  return [`${name}:${Math.floor(seconds / 4)}`, `${name}:${Math.floor((seconds + 2) / 4)}'`]
}
