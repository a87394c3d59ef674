/** What Jira Cloud sends, to try a workflow with. https://developer.atlassian.com/cloud/jira/platform/webhooks/ */
import type { Sample } from '../port.ts'

const kim = { accountId: '712020:00000000-0000-4000-8000-000000000001', displayName: 'Kim', accountType: 'atlassian' }
const issue = {
  id: '10042',
  key: 'PAY-42',
  self: 'https://example.atlassian.net/rest/api/2/issue/10042',
  fields: {
    summary: 'Customers are charged twice when a payment is retried',
    description: 'Retry a payment that timed out: the first charge is not taken back.',
    project: { id: '10000', key: 'PAY', name: 'Payments' },
    issuetype: { name: 'Bug' },
    status: { name: 'To Do' },
    priority: { name: 'High' },
    labels: ['bug'],
    components: [{ name: 'checkout' }],
    assignee: kim,
    reporter: kim,
    creator: kim,
    created: '2026-11-02T09:00:00.000+0000',
  },
}
const payload = (more: object): object => ({ timestamp: 1_793_610_300_000, user: kim, issue, ...more })
const change = (item: object): object => ({
  webhookEvent: 'jira:issue_updated',
  changelog: { id: '20001', items: [item] },
})

export const samples: readonly Sample[] = [
  {
    name: 'issue-created',
    says: 'An issue is created',
    body: payload({ webhookEvent: 'jira:issue_created' }),
    part: 'created',
  },
  {
    name: 'issue-assigned',
    says: 'An issue is assigned',
    body: payload(change({ field: 'assignee', from: null, fromString: null, to: kim.accountId, toString: 'Kim' })),
    part: 'assigned',
  },
  {
    name: 'issue-transitioned',
    says: 'An issue is moved to another status',
    body: payload(change({ field: 'status', from: '1', fromString: 'Backlog', to: '3', toString: 'To Do' })),
    part: 'transitioned',
  },
  {
    name: 'issue-labeled',
    says: 'An issue gets a label',
    body: payload(change({ field: 'labels', from: null, fromString: '', to: null, toString: 'bug' })),
    part: 'labeled:0',
  },
  {
    name: 'issue-commented',
    says: 'A comment with a command',
    body: payload({
      webhookEvent: 'comment_created',
      comment: {
        id: '30001',
        body: '/viewport fix this before the sale, please',
        author: kim,
        updateAuthor: kim,
        created: '2026-11-02T09:06:00.000+0000',
        updated: '2026-11-02T09:06:00.000+0000',
      },
    }),
    part: 'commented',
  },
]
