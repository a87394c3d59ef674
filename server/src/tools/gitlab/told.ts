/**
 * What does a webhook of GitLab tell of? One delivery may tell of several things: assigned and labelled at once.
 * Only the fields that are used are required. https://docs.gitlab.com/user/project/integrations/webhook_events
 */
import { z } from 'zod'
import { User } from '@viewportai/core/tools/gitlab/rest'
import { readPayload } from '../payload.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const id = z.int().nonnegative()
const text = z.string()

/** In an event the id may be missing (older servers): nobody is known then. */
const Label = z.object({ title: text.max(255) })
const changed = <T extends z.ZodType>(type: T) =>
  maybe(z.object({ previous: maybe(z.array(type)), current: maybe(z.array(type)) }))

const thing = {
  iid: z.int().positive(),
  title: text,
  description: maybe(text),
  author_id: maybe(id),
  state: maybe(text),
  created_at: maybe(text),
  updated_at: maybe(text),
  labels: maybe(z.array(Label)),
  confidential: maybe(z.boolean()),
  url: maybe(text),
}
export const Issue = z.object(thing)
export type Issue = z.infer<typeof Issue>
export const Mr = z.object({
  ...thing,
  source_branch: text,
  target_branch: text,
  source_project_id: maybe(id),
  target_project_id: maybe(id),
  draft: maybe(z.boolean()),
  work_in_progress: maybe(z.boolean()),
  last_commit: maybe(z.object({ id: text })),
})
export type Mr = z.infer<typeof Mr>

export const Project = z.object({ id, path_with_namespace: text.max(300), web_url: maybe(text) })

export const Payload = z.object({
  object_kind: text.max(60),
  user: maybe(User),
  project: maybe(Project),
  object_attributes: maybe(z.record(z.string(), z.unknown())),
  issue: maybe(Issue),
  merge_request: maybe(z.union([Mr, z.object({}).transform(() => null)])),
  assignees: maybe(z.array(User)),
  labels: maybe(z.array(Label)),
  changes: maybe(
    z.object({
      labels: changed(Label),
      assignees: changed(User),
      draft: maybe(z.object({ previous: maybe(z.boolean()), current: maybe(z.boolean()) })),
    }),
  ),
  builds: maybe(
    z.array(
      z.object({
        id: maybe(id),
        name: text,
        stage: maybe(text),
        status: maybe(text),
        allow_failure: maybe(z.boolean()),
        failure_reason: maybe(text),
      }),
    ),
  ),
  // A push says these at the top.
  ref: maybe(text),
  before: maybe(text),
  after: maybe(text),
  user_id: maybe(id),
  user_username: maybe(text),
  user_name: maybe(text),
  commits: maybe(
    z.array(
      z.object({
        id: text,
        message: maybe(text),
        timestamp: maybe(text),
        url: maybe(text),
        added: maybe(z.array(text)),
        modified: maybe(z.array(text)),
        removed: maybe(z.array(text)),
      }),
    ),
  ),
  total_commits_count: maybe(z.int().nonnegative()),
})
export type Payload = z.infer<typeof Payload>

/** The payload, or why it cannot be read (a sentence). */
export const payloadOf = (body: Buffer): Payload | string => readPayload(body, Payload, 'GitLab')

/** What was done, in GitLab's word. */
export const actionIn = ({ object_attributes: told }: Payload): string => {
  const action = told?.['action']
  return typeof action === 'string' ? action : ''
}

const atMost = 50

const stateIn = (action: string): string[] => {
  const part = { open: 'opened', close: 'closed', merge: 'closed', reopen: 'reopened' }[action]
  return part === undefined ? [] : [part]
}

/** Did this take a merge request out of draft? */
const isReadied = ({ changes }: Payload): boolean =>
  changes?.draft?.previous === true && changes.draft.current === false

/** `opened`, `closed`, `reopened`, `ready`, `assigned:N`, `labeled:N`, `updated`, `approved`, `commented`, `failed`, `pushed`; nothing when no workflow can listen to it. */
export const partsOf = (payload: Payload): string[] => {
  const { object_kind: kind, object_attributes: told } = payload
  const action = actionIn(payload)
  if (kind === 'issue')
    return [
      ...stateIn(action),
      ...newAssignees(payload).map((_user, at) => `assigned:${at}`),
      ...newLabels(payload).map((_label, at) => `labeled:${at}`),
    ]
  if (kind === 'merge_request')
    return [
      ...stateIn(action),
      ...(action === 'update' && typeof told?.['oldrev'] === 'string' ? ['updated'] : []),
      ...(action === 'update' && isReadied(payload) ? ['ready'] : []),
      ...(action === 'approved' || action === 'approval' ? ['approved'] : []),
      ...newLabels(payload).map((_label, at) => `labeled:${at}`),
    ]
  // Before 16.11 a note has no action, and only new ones are told.
  if (kind === 'note')
    return told?.['system'] !== true &&
      (action === 'create' || action === '') &&
      (payload.issue || payload.merge_request)
      ? ['commented']
      : []
  if (kind === 'pipeline') return told?.['status'] === 'failed' ? ['failed'] : []
  return kind === 'push' && payload.ref?.startsWith('refs/heads/') && !/^0+$/.test(payload.after ?? '0')
    ? ['pushed']
    : []
}

/** Labels that this added, in order; those that it began with. */
export const newLabels = (payload: Payload): string[] => {
  const { changes, labels } = payload
  const had = new Set((changes?.labels?.previous ?? []).map((one) => one.title))
  const has = actionIn(payload) === 'open' ? (labels ?? []) : (changes?.labels?.current ?? [])
  return has
    .map((one) => one.title)
    .filter((name) => !had.has(name))
    .slice(0, atMost)
}

/** People whom this assigned. */
export const newAssignees = (payload: Payload): User[] => {
  const { changes, assignees } = payload
  const had = new Set((changes?.assignees?.previous ?? []).map((one) => one.username))
  const has = actionIn(payload) === 'open' ? (assignees ?? []) : (changes?.assignees?.current ?? [])
  return has.filter((one) => !had.has(one.username)).slice(0, atMost)
}
