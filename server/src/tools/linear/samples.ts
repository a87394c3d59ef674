/** What Linear sends, to try a workflow with. https://linear.app/developers/webhooks */
import type { Sample } from '../port.ts'

const kim = { id: '0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Kim', email: 'kim@example.com' }
const bug = { id: '2c6e9b4d-8a1f-4c7e-9d3b-5a8f2c6e9b4d', name: 'bug', color: '#eb5757' }
const issue = {
  id: '7c2e4f1a-9b3d-4a6e-8c5f-1d7b3e9a2c4f',
  identifier: 'PAY-1842',
  number: 1842,
  title: 'Customers are charged twice when a payment is retried',
  description: 'Retry a payment that timed out: the first charge is not taken back. Seen 14 times since Monday.',
  priority: 2,
  priorityLabel: 'High',
  estimate: 3,
  createdAt: '2026-11-02T09:00:00.000Z',
  updatedAt: '2026-11-02T09:05:00.000Z',
  url: 'https://linear.app/example/issue/PAY-1842',
  stateId: 'b3d1f2a4-0000-4000-8000-000000000001',
  state: { id: 'b3d1f2a4-0000-4000-8000-000000000001', name: 'Todo', type: 'unstarted', color: '#e2e2e2' },
  teamId: 'a3d1f2a4-0000-4000-8000-000000000001',
  team: { id: 'a3d1f2a4-0000-4000-8000-000000000001', key: 'PAY', name: 'Payments' },
  assigneeId: kim.id,
  assignee: kim,
  creatorId: kim.id,
  creator: kim,
  project: { id: 'c3d1f2a4-0000-4000-8000-000000000001', name: 'Checkout' },
  cycle: null,
  labelIds: [bug.id],
  labels: [bug],
}
const payload = (more: object): object => ({
  type: 'Issue',
  action: 'update',
  actor: { ...kim, type: 'user' },
  createdAt: '2026-11-02T09:05:00.000Z',
  url: issue.url,
  organizationId: 'd3d1f2a4-0000-4000-8000-000000000001',
  webhookId: 'e3d1f2a4-0000-4000-8000-000000000001',
  webhookTimestamp: 1_793_610_300_000,
  data: issue,
  ...more,
})

export const samples: readonly Sample[] = [
  { name: 'issue-created', says: 'An issue is created', body: payload({ action: 'create' }), part: 'created' },
  {
    name: 'issue-assigned',
    says: 'An issue is assigned',
    body: payload({ updatedFrom: { updatedAt: issue.createdAt, assigneeId: null } }),
    part: 'assigned',
  },
  {
    name: 'issue-labeled',
    says: 'An issue gets a label',
    body: payload({ updatedFrom: { updatedAt: issue.createdAt, labelIds: [] } }),
    part: `labeled:${bug.id}`,
  },
  {
    name: 'issue-moved',
    says: 'An issue is moved to another state',
    body: payload({
      updatedFrom: { updatedAt: issue.createdAt, stateId: 'b3d1f2a4-0000-4000-8000-000000000002' },
    }),
    part: 'moved',
  },
  {
    name: 'issue-commented',
    says: 'A comment with a command',
    body: payload({
      type: 'Comment',
      action: 'create',
      data: {
        id: 'f3d1f2a4-0000-4000-8000-000000000001',
        body: '/viewport fix this before the sale, please',
        issueId: issue.id,
        issue,
        userId: kim.id,
        user: kim,
        createdAt: '2026-11-02T09:06:00.000Z',
        updatedAt: '2026-11-02T09:06:00.000Z',
      },
    }),
    part: 'commented',
  },
]
