/** What GitHub sends, to try a workflow with. https://docs.github.com/webhooks */
import type { Sample } from '../port.ts'

const kim = { id: 583_231, login: 'kim', type: 'User' }
const repository = {
  id: 1_296_269,
  full_name: 'example/shop',
  name: 'shop',
  private: true,
  default_branch: 'main',
  owner: kim,
}
const bug = { id: 1, name: 'bug', color: 'd73a4a' }
const issue = {
  id: 101,
  number: 42,
  title: 'Customers are charged twice when a payment is retried',
  body: 'Retry a payment that timed out: the first charge is not taken back.',
  state: 'open',
  html_url: 'https://github.com/example/shop/issues/42',
  user: kim,
  author_association: 'COLLABORATOR',
  labels: [bug],
  assignees: [kim],
  assignee: kim,
  milestone: null,
  created_at: '2026-11-02T09:00:00Z',
  updated_at: '2026-11-02T09:05:00Z',
  closed_at: null,
}
const side = (ref: string, sha: string): object => ({ ref, sha, repo: repository })
const pull = {
  ...issue,
  number: 43,
  title: 'Take the first charge back before a retry',
  html_url: 'https://github.com/example/shop/pull/43',
  head: side('retry-once', 'a'.repeat(40)),
  base: side('main', 'b'.repeat(40)),
  draft: false,
  merged: false,
  merged_at: null,
}
const comment = {
  id: 900,
  node_id: 'IC_1',
  body: '/viewport fix this, please',
  html_url: 'https://github.com/example/shop/issues/42#issuecomment-900',
  user: kim,
  author_association: 'COLLABORATOR',
  created_at: '2026-11-02T09:06:00Z',
  updated_at: '2026-11-02T09:06:00Z',
}
const told = (event: string, more: object): Pick<Sample, 'headers' | 'body'> => ({
  headers: { 'x-github-event': event, 'x-github-delivery': '00000000-0000-4000-8000-000000000001' },
  body: { repository, sender: kim, ...more },
})

const onPull = (action: string, more: object = {}) =>
  told('pull_request', { action, number: 43, pull_request: pull, ...more })
const suite = { id: 5_000, head_branch: 'main', head_sha: 'b'.repeat(40) }

export const samples: readonly Sample[] = [
  { name: 'issue-opened', says: 'An issue is opened', ...told('issues', { action: 'opened', issue }) },
  {
    name: 'issue-edited',
    says: 'An issue is edited',
    ...told('issues', { action: 'edited', issue, changes: { title: { from: 'Customers are charged twice' } } }),
  },
  {
    name: 'issue-assigned',
    says: 'An issue is assigned',
    ...told('issues', { action: 'assigned', issue, assignee: kim }),
  },
  { name: 'issue-labeled', says: 'An issue gets a label', ...told('issues', { action: 'labeled', issue, label: bug }) },
  {
    name: 'issue-closed',
    says: 'An issue is closed',
    ...told('issues', { action: 'closed', issue: { ...issue, state: 'closed', closed_at: '2026-11-02T10:00:00Z' } }),
  },
  { name: 'issue-reopened', says: 'An issue is opened again', ...told('issues', { action: 'reopened', issue }) },
  {
    name: 'issue-comment',
    says: 'A comment with a command',
    ...told('issue_comment', { action: 'created', issue, comment }),
  },
  { name: 'pull-request-opened', says: 'A pull request is opened', ...onPull('opened') },
  { name: 'pull-request-updated', says: 'Commits are pushed to a pull request', ...onPull('synchronize') },
  { name: 'pull-request-ready', says: 'A pull request is taken out of draft', ...onPull('ready_for_review') },
  { name: 'pull-request-reopened', says: 'A pull request is opened again', ...onPull('reopened') },
  { name: 'pull-request-labeled', says: 'A pull request gets a label', ...onPull('labeled', { label: bug }) },
  {
    name: 'pull-request-comment',
    says: 'A comment on lines of a pull request',
    ...told('pull_request_review_comment', {
      action: 'created',
      pull_request: pull,
      comment: { ...comment, diff_hunk: '@@ -1 +1 @@', path: 'src/charge.js', line: 3 },
    }),
  },
  {
    name: 'pull-request-merged',
    says: 'A pull request is merged',
    ...onPull('closed', {
      pull_request: {
        ...pull,
        state: 'closed',
        merged: true,
        merged_at: '2026-11-02T10:00:00Z',
        closed_at: '2026-11-02T10:00:00Z',
      },
    }),
  },
  {
    name: 'review-requested',
    says: 'A review is asked for',
    ...onPull('review_requested', { requested_reviewer: kim }),
  },
  {
    name: 'review-submitted',
    says: 'A review asks for changes',
    ...told('pull_request_review', {
      action: 'submitted',
      pull_request: pull,
      review: {
        id: 700,
        state: 'changes_requested',
        body: 'Please cover the retry with a test.',
        user: kim,
        author_association: 'COLLABORATOR',
        submitted_at: '2026-11-02T09:30:00Z',
      },
    }),
  },
  {
    name: 'check-failed',
    says: 'A check fails',
    ...told('check_run', {
      action: 'completed',
      check_run: {
        id: 600,
        name: 'unit tests',
        conclusion: 'failure',
        head_sha: suite.head_sha,
        html_url: 'https://github.com/example/shop/runs/600',
        external_id: null,
        completed_at: '2026-11-02T09:20:00Z',
        app: { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' },
        check_suite: suite,
        output: { title: '1 test failed', summary: 'a retried payment is charged once: expected 1 charge, found 2' },
      },
    }),
  },
  {
    name: 'push',
    says: 'Commits are pushed to a branch',
    ...told('push', {
      ref: 'refs/heads/main',
      before: 'a'.repeat(40),
      after: 'b'.repeat(40),
      compare: 'https://github.com/example/shop/compare/aaaaaaaaaaaa...bbbbbbbbbbbb',
      commits: [
        {
          id: 'b'.repeat(40),
          message: 'Retry a payment once',
          timestamp: '2026-11-02T09:10:00Z',
          author: { name: 'Kim', username: 'kim' },
          added: [],
          modified: ['src/charge.js'],
          removed: [],
        },
      ],
    }),
  },
  {
    name: 'release-published',
    says: 'A release is published',
    ...told('release', {
      action: 'published',
      release: {
        id: 800,
        tag_name: 'v2.4.0',
        name: 'Payments that are retried once',
        body: 'A payment that timed out is retried once, and the first charge is taken back.',
        prerelease: false,
        published_at: '2026-11-02T11:00:00Z',
        html_url: 'https://github.com/example/shop/releases/tag/v2.4.0',
        author: kim,
      },
    }),
  },
  {
    name: 'alert-created',
    says: 'A vulnerable dependency is found',
    ...told('dependabot_alert', {
      action: 'created',
      alert: {
        number: 7,
        created_at: '2026-11-02T12:00:00Z',
        html_url: 'https://github.com/example/shop/security/dependabot/7',
        dependency: { package: { name: 'left-pay' } },
        security_advisory: {
          ghsa_id: 'GHSA-0000-0000-0000',
          summary: 'left-pay follows redirects with its key',
          description: 'A server that left-pay asks can send its key elsewhere.',
          severity: 'high',
        },
      },
    }),
  },
]
