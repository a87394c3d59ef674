/** What GitLab sends, to try a workflow with. https://docs.gitlab.com/user/project/integrations/webhook_events/ */
import type { Sample } from '../port.ts'

const labels = [{ id: 200, title: 'bug', color: '#d9534f' }]
const common = {
  user: { id: 5, name: 'Kim', username: 'kim' },
  project: {
    id: 15,
    name: 'Shop',
    web_url: 'https://gitlab.example.com/example/shop',
    git_http_url: 'https://gitlab.example.com/example/shop.git',
    path_with_namespace: 'example/shop',
    default_branch: 'main',
  },
}
const issue = {
  id: 301,
  iid: 23,
  title: 'Customers are charged twice when a payment is retried',
  description: 'Retry a payment that timed out: the first charge is not taken back.',
  author_id: 5,
  assignee_ids: [],
  state: 'opened',
  confidential: false,
  labels,
  url: 'https://gitlab.example.com/example/shop/-/issues/23',
  created_at: '2026-11-02 09:00:00 UTC',
  updated_at: '2026-11-02 09:00:00 UTC',
}

const mr = {
  id: 401,
  iid: 24,
  title: 'Take the first charge back before a retry',
  description: 'The first charge is taken back before the second is made.',
  author_id: 5,
  state: 'opened',
  draft: false,
  source_branch: 'retry-once',
  target_branch: 'main',
  source_project_id: 15,
  target_project_id: 15,
  last_commit: { id: 'b'.repeat(40) },
  url: 'https://gitlab.example.com/example/shop/-/merge_requests/24',
  created_at: '2026-11-02 09:00:00 UTC',
  updated_at: '2026-11-02 09:05:00 UTC',
}
const onIssue = (action: string, more: object = {}): Sample['body'] => ({
  object_kind: 'issue',
  event_type: 'issue',
  ...common,
  object_attributes: { ...issue, action },
  labels,
  assignees: [],
  ...more,
})
const onMr = (action: string, told: object = {}, more: object = {}): Sample['body'] => ({
  object_kind: 'merge_request',
  event_type: 'merge_request',
  ...common,
  object_attributes: { ...mr, action, ...told },
  labels,
  assignees: [],
  ...more,
})
const noted = (id: number, more: object): Sample['body'] => ({
  object_kind: 'note',
  event_type: 'note',
  ...common,
  object_attributes: {
    id,
    note: '/viewport fix this, please',
    action: 'create',
    system: false,
    created_at: '2026-11-02 09:06:00 UTC',
    updated_at: '2026-11-02 09:06:00 UTC',
  },
  ...more,
})
const newLabel = { changes: { labels: { previous: [], current: labels } } }

export const samples: readonly Sample[] = [
  { name: 'issue-opened', says: 'An issue is opened', body: onIssue('open'), part: 'opened' },
  {
    name: 'issue-assigned',
    says: 'An issue is assigned',
    body: onIssue('update', {
      assignees: [common.user],
      changes: { assignees: { previous: [], current: [common.user] } },
    }),
    part: 'assigned:0',
  },
  { name: 'issue-labeled', says: 'An issue gets a label', body: onIssue('update', newLabel), part: 'labeled:0' },
  { name: 'issue-closed', says: 'An issue is closed', body: onIssue('close'), part: 'closed' },
  { name: 'issue-reopened', says: 'An issue is opened again', body: onIssue('reopen'), part: 'reopened' },
  { name: 'issue-comment', says: 'A comment with a command', body: noted(501, { issue }), part: 'commented' },
  { name: 'merge-request-opened', says: 'A merge request is opened', body: onMr('open'), part: 'opened' },
  {
    name: 'merge-request-updated',
    says: 'Commits are pushed to a merge request',
    body: onMr('update', { oldrev: 'a'.repeat(40) }),
    part: 'updated',
  },
  {
    name: 'merge-request-ready',
    says: 'A merge request is taken out of draft',
    body: onMr('update', {}, { changes: { draft: { previous: true, current: false } } }),
    part: 'ready',
  },
  { name: 'merge-request-reopened', says: 'A merge request is opened again', body: onMr('reopen'), part: 'reopened' },
  {
    name: 'merge-request-labeled',
    says: 'A merge request gets a label',
    body: onMr('update', {}, newLabel),
    part: 'labeled:0',
  },
  { name: 'merge-request-approved', says: 'A merge request is approved', body: onMr('approved'), part: 'approved' },
  {
    name: 'merge-request-merged',
    says: 'A merge request is merged',
    body: onMr('merge', { state: 'merged' }),
    part: 'closed',
  },
  {
    name: 'merge-request-comment',
    says: 'A comment on a merge request',
    body: noted(502, { merge_request: mr }),
    part: 'commented',
  },
  {
    name: 'pipeline-failed',
    says: 'A pipeline fails',
    body: {
      object_kind: 'pipeline',
      ...common,
      object_attributes: {
        id: 601,
        ref: 'main',
        sha: 'b'.repeat(40),
        source: 'push',
        status: 'failed',
        finished_at: '2026-11-02 09:20:00 UTC',
        url: 'https://gitlab.example.com/example/shop/-/pipelines/601',
      },
      builds: [
        {
          id: 602,
          name: 'unit tests',
          stage: 'test',
          status: 'failed',
          allow_failure: false,
          failure_reason: 'script_failure',
        },
      ],
    },
    part: 'failed',
  },
  {
    name: 'push',
    says: 'Commits are pushed to a branch',
    body: {
      object_kind: 'push',
      project: common.project,
      ref: 'refs/heads/main',
      before: 'a'.repeat(40),
      after: 'b'.repeat(40),
      user_id: 5,
      user_username: 'kim',
      user_name: 'Kim',
      commits: [
        {
          id: 'b'.repeat(40),
          message: 'Retry a payment once',
          timestamp: '2026-11-02T09:10:00+00:00',
          url: 'https://gitlab.example.com/example/shop/-/commit/bbbbbbbb',
          added: [],
          modified: ['src/charge.js'],
          removed: [],
        },
      ],
    },
    part: 'pushed',
  },
]
