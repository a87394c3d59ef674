/**
 * What is an issue or merge request of GitLab, whichever way it was told?
 * A webhook tells it by numbers of people, an answer of the API by people; both become one form.
 */
import type { Rest } from '@viewportai/core/tools/gitlab/rest'
import { Issue, Mr, type Payload } from './told.ts'

export type Thing = {
  readonly iid: number
  readonly title: string
  readonly body: string
  /** Null: nobody is named. A username is null where only a number is told. */
  readonly author: { readonly id: number | null; readonly username: string | null } | null
  readonly labels: readonly string[]
  readonly assignees: readonly string[]
  readonly milestone: string | null
  readonly confidential: boolean
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly url: string | null
  readonly mr: {
    readonly base: string
    readonly branch: string
    readonly draft: boolean
    readonly fork: boolean
    readonly sha: string | null
  } | null
}

/** Of a webhook; null when it tells of none. Throws ZodError when it lacks what it should have. */
export const thingTold = (payload: Payload): Thing | null => {
  const { object_kind: kind, object_attributes: attributes, assignees } = payload
  const told =
    kind === 'issue'
      ? Issue.parse(attributes)
      : kind === 'merge_request'
        ? Mr.parse(attributes)
        : (payload.merge_request ?? payload.issue)
  if (!told) return null
  const labels = (kind === 'note' ? told.labels : payload.labels) ?? told.labels ?? []
  return {
    iid: told.iid,
    title: told.title,
    body: told.description ?? '',
    author: told.author_id === null ? null : { id: told.author_id, username: null },
    labels: labels.map((one) => one.title),
    assignees: (assignees ?? []).map((one) => one.username),
    milestone: null,
    confidential: told.confidential ?? false,
    createdAt: told.created_at,
    updatedAt: told.updated_at,
    url: told.url,
    mr: isMr(told) ? sidesOf(told) : null,
  }
}

const isMr = (told: Issue | Mr): told is Mr => 'source_branch' in told

const sidesOf = (told: Mr): Thing['mr'] => ({
  base: told.target_branch,
  branch: told.source_branch,
  draft: told.draft ?? told.work_in_progress ?? false,
  fork: told.source_project_id !== told.target_project_id,
  sha: told.last_commit?.id ?? null,
})

/** Of an answer of the API. */
export const thingFound = (found: Rest): Thing => ({
  iid: found.iid,
  title: found.title,
  body: found.description ?? '',
  author: found.author,
  labels: found.labels,
  assignees: found.assignees.map((one) => one.username),
  milestone: found.milestone?.title ?? null,
  confidential: found.confidential ?? false,
  createdAt: found.created_at,
  updatedAt: found.updated_at,
  url: found.web_url,
  mr:
    found.source_branch !== null && found.target_branch !== null
      ? {
          base: found.target_branch,
          branch: found.source_branch,
          draft: found.draft ?? false,
          // A fork that is gone has no number any more.
          fork: found.source_project_id !== found.target_project_id,
          sha: found.sha,
        }
      : null,
})
