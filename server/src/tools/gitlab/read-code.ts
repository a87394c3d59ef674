/** What do pushes and pipelines of GitLab say? */
import { z } from 'zod'
import { around } from '../same-moment.ts'
import type { Reading } from '../port.ts'
import { somebody, type Found } from './again-form.ts'
import { instant } from '@viewportai/core/tools/gitlab/instant'
import { pathsField } from '../paths-field.ts'
import { shortName } from '../short-name.ts'
import { fieldText } from './said.ts'
import type { Payload, Project } from './told.ts'

type Where = z.infer<typeof Project>

const Pipeline = z.object({
  id: z.int().nonnegative(),
  ref: z.string(),
  sha: z.string(),
  source: z.string().nullish(),
  finished_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  url: z.string().nullish(),
})

/** A failed pipeline, with the job that failed first. One for a merge request of a fork runs an outsider's code. */
export const readPipeline = (payload: Payload, project: Where, found: Found): Reading => {
  const told = Pipeline.parse(payload.object_attributes)
  // In which order they stand says nothing; the oldest is the one with the lowest number.
  const failed = (payload.builds ?? [])
    .filter((one) => one.status === 'failed' && one.allow_failure !== true)
    .toSorted((a, b) => (a.id ?? 0) - (b.id ?? 0))
  const first = failed[0]
  const { path_with_namespace: repo, id } = project
  const mr = payload.merge_request
  const made = /^refs\/merge-requests\/\d+\/(head|merge|train)$/.exec(told.ref)?.[1]
  // One for a merge request that is not told may be of any project.
  const fork = mr === null ? made !== undefined : mr.source_project_id !== mr.target_project_id
  // A pipeline for a merge request has no branch of its own: it is about the branch that would be merged. That of a fork is not here.
  const branch = made !== undefined && mr !== null && !fork ? mr.source_branch : told.ref
  const at = instant(told.finished_at ?? told.updated_at)
  // It may be run again, and fail again: another time is another event.
  const [name, ...also] = around(`pipeline_failed:${id}:${told.id}`, at ?? 0, 2_000)
  return {
    said: {
      event: 'pipeline_failed',
      id: name!,
      also,
      at,
      actor: somebody(payload.user, found),
      authors: fork ? [{ id: 'fork', name: 'the owner of the fork', standing: 'outsider' }] : [],
      subject: {
        label: `${repo}@${told.sha.slice(0, 7)}`,
        title: `${first ? `${first.name} failed` : 'A pipeline failed'} on ${branch}`,
        url: told.url ?? (project.web_url === null ? null : `${project.web_url}/-/pipelines/${told.id}`),
        ref: `${repo}@${told.sha}`,
      },
      fields: { repo, branch, job: fieldText(first?.name ?? null), stage: first?.stage ?? null, fork },
      fork,
      text: [
        `Pipeline ${told.id} failed at ${told.sha}${mr === null ? '' : `, for !${mr.iid} (${mr.source_branch} into ${mr.target_branch})`}.`,
        ...(made === 'merge' || made === 'train'
          ? ['It ran on a commit that GitLab made of the branch and of what it would be merged into.']
          : []),
        ...(told.source === 'parent_pipeline' ? ['It is a child of another pipeline.'] : []),
        ...failed.map(
          (one) => `- ${one.stage ?? 'job'}: ${one.name}${one.failure_reason ? ` (${one.failure_reason})` : ''}`,
        ),
      ].join('\n'),
    },
  }
}

export const readPush = (payload: Payload, project: Where, found: Found): Reading => {
  // Of a push with many commits GitLab tells the last twenty, and how many there were.
  const {
    ref,
    before,
    after,
    commits,
    total_commits_count: total,
    user_id: id,
    user_username: username,
    user_name: name,
  } = payload
  const branch = (ref ?? '').slice('refs/heads/'.length)
  const { path_with_namespace: repo } = project
  const last = commits?.at(-1)
  return {
    said: {
      event: 'push',
      id: shortName(`push:${project.id}:${after}:${(before ?? '').slice(0, 12)}:${branch}`, 170),
      at: null, // commits may be much older than the push that brings them, and GitLab tells no other time
      actor: somebody({ id, username: username ?? name }, found),
      // Of commits GitLab tells names, and a name proves nothing.
      authors: (commits ?? []).length > 0 ? [{ id: 'author', name: 'who wrote the commits', standing: 'unknown' }] : [],
      subject: {
        label: `${repo}@${(after ?? '').slice(0, 7)}`,
        title: (last?.message ?? `Push to ${branch}`).split('\n', 1)[0]!,
        url: last?.url ?? null,
        ref: `${repo}@${after}`,
      },
      fields: {
        repo,
        branch,
        paths: pathsField(
          (commits ?? []).flatMap((one) => [...(one.added ?? []), ...(one.modified ?? []), ...(one.removed ?? [])]),
          commits !== null && (total ?? commits.length) <= commits.length,
        ),
      },
      text: (commits ?? []).map((one) => one.message ?? '').join('\n\n'),
    },
  }
}
