/** Webhooks of GitLab in the form that its documentation shows, one for each event of the language. */
import type { StoredDelivery } from '../../port.ts'
import { inParts } from '../../testing/in-parts.ts'
import { partsOf, Payload } from '../told.ts'

export const sam = { id: 2, name: 'Sam', username: 'sam', avatar_url: 'https://x/y', email: '[REDACTED]' }
const kim = { id: 5, name: 'Kim', username: 'kim' }
export const project = {
  id: 15,
  name: 'Shop',
  description: 'What we sell',
  web_url: 'https://gitlab.acme.dev/acme/shop',
  git_http_url: 'https://gitlab.acme.dev/acme/shop.git',
  path_with_namespace: 'acme/shop',
  default_branch: 'main',
}
const labels = (...titles: string[]): object[] => titles.map((title, at) => ({ id: 200 + at, title, color: '#fff' }))
const times = { created_at: '2026-11-29 10:00:00 UTC', updated_at: '2026-11-29 10:05:00 UTC' }
export const issue = {
  id: 301,
  iid: 23,
  title: 'Charged twice',
  description: 'One cent too much.',
  author_id: 2,
  assignee_ids: [5],
  state: 'opened',
  confidential: false,
  labels: labels('bug', 'agent'),
  url: 'https://gitlab.acme.dev/acme/shop/-/issues/23',
  ...times,
}
export const mr = {
  id: 99,
  iid: 7,
  title: 'Round prices',
  description: 'Half up.',
  author_id: 2,
  state: 'opened',
  source_branch: 'topic',
  target_branch: 'main',
  source_project_id: 15,
  target_project_id: 15,
  draft: false,
  last_commit: { id: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7', message: 'Round' },
  labels: labels('bug'),
  url: 'https://gitlab.acme.dev/acme/shop/-/merge_requests/7',
  ...times,
}
const hook = (object_kind: string, more: object): object => ({
  object_kind,
  event_type: object_kind,
  user: sam,
  project,
  ...more,
})
const about = (of: object, action: string, more: object = {}): object =>
  hook(of === issue ? 'issue' : 'merge_request', {
    object_attributes: { ...of, action },
    labels: (of as typeof issue).labels,
    assignees: [],
    ...more,
  })
const note = (of: object, id = 1241): object =>
  hook('note', {
    project_id: 15,
    object_attributes: {
      id,
      note: '/viewport fix\n\nOn every invoice.',
      noteable_type: 'Issue',
      author_id: 2,
      created_at: '2026-11-29 10:06:40 UTC',
      system: false,
      action: 'create',
      url: 'https://gitlab.acme.dev/acme/shop/-/issues/23#note_1241',
    },
    ...of,
  })

export const told = {
  opened: about(issue, 'open'),
  closed: about(issue, 'close'),
  assigned: about(issue, 'update', { assignees: [kim], changes: { assignees: { previous: [], current: [kim] } } }),
  labeled: about(issue, 'update', {
    changes: { labels: { previous: labels('bug'), current: labels('bug', 'agent') } },
  }),
  everything: about(issue, 'update', {
    changes: { labels: { previous: [], current: labels('bug', 'agent') }, assignees: { previous: [], current: [kim] } },
  }),
  reopened: about(issue, 'reopen'),
  commented: note({ issue }),
  mrOpened: about(mr, 'open', { labels: [] }),
  mrUpdated: hook('merge_request', {
    object_attributes: { ...mr, action: 'update', oldrev: 'f'.repeat(40) },
    labels: mr.labels,
  }),
  mrReady: about(mr, 'update', { changes: { draft: { previous: true, current: false } } }),
  mrReopened: about(mr, 'reopen'),
  mrLabeled: about(mr, 'update', { changes: { labels: { previous: [], current: labels('bug') } } }),
  mrApproved: about(mr, 'approved'),
  mrMerged: about(mr, 'merge'),
  mrCommented: note({ merge_request: mr }, 1242),
  pipeline: hook('pipeline', {
    object_attributes: {
      id: 31,
      ref: 'main',
      sha: 'bcbb5ec396a2c0f828686f14fac9b80b780504f2',
      source: 'push',
      status: 'failed',
      finished_at: '2026-11-29 10:26:29 UTC',
      url: 'https://gitlab.acme.dev/acme/shop/-/pipelines/31',
    },
    builds: [
      { id: 380, stage: 'deploy', name: 'production', status: 'skipped', allow_failure: false },
      { id: 377, stage: 'test', name: 'lint', status: 'failed', allow_failure: true },
      {
        id: 378,
        stage: 'test',
        name: 'unit',
        status: 'failed',
        allow_failure: false,
        failure_reason: 'script_failure',
      },
    ],
  }),
  push: {
    object_kind: 'push',
    ref: 'refs/heads/main',
    before: '95790bf891e76fee5e1747ab589903a6a1f80f22',
    after: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
    user_id: 2,
    user_name: 'Sam',
    user_username: 'sam',
    project,
    commits: [
      {
        id: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
        message: 'Round half up',
        timestamp: '2026-11-29T10:00:00+02:00',
        url: 'https://gitlab.acme.dev/acme/shop/-/commit/da15608',
        author: { name: 'Sam', email: 'sam@acme.dev' },
        added: ['CHANGELOG'],
        modified: ['src/price.js'],
        removed: [],
      },
    ],
  },
}

/** The deliveries that become of it, one for each part. */
export const deliveries = (one: object): StoredDelivery[] => inParts(one, Payload, partsOf)
const first = (one: object): StoredDelivery => deliveries(one)[0]!

export const samples: Readonly<Record<string, StoredDelivery>> = {
  issue_opened: first(told.opened),
  issue_closed: first(told.closed),
  issue_assigned: first(told.assigned),
  issue_labeled: first(told.labeled),
  issue_reopened: first(told.reopened),
  issue_comment: first(told.commented),
  mr_opened: first(told.mrOpened),
  mr_updated: first(told.mrUpdated),
  mr_ready: first(told.mrReady),
  mr_reopened: first(told.mrReopened),
  mr_labeled: first(told.mrLabeled),
  mr_approved: first(told.mrApproved),
  mr_closed: first(told.mrMerged),
  mr_comment: first(told.mrCommented),
  pipeline_failed: first(told.pipeline),
  push: first(told.push),
}
