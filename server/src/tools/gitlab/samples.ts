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

export const samples: readonly Sample[] = [
  {
    name: 'issue-opened',
    says: 'An issue is opened',
    body: {
      object_kind: 'issue',
      event_type: 'issue',
      ...common,
      object_attributes: { ...issue, action: 'open' },
      labels,
      assignees: [],
    },
    part: 'opened',
  },
]
