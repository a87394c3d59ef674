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

export const samples: readonly Sample[] = [
  { name: 'issue-opened', says: 'An issue is opened', ...told('issues', { action: 'opened', issue }) },
  { name: 'issue-labeled', says: 'An issue gets a label', ...told('issues', { action: 'labeled', issue, label: bug }) },
  {
    name: 'issue-comment',
    says: 'A comment with a command',
    ...told('issue_comment', { action: 'created', issue, comment }),
  },
  {
    name: 'pull-request-opened',
    says: 'A pull request is opened',
    ...told('pull_request', { action: 'opened', number: 43, pull_request: pull }),
  },
]
