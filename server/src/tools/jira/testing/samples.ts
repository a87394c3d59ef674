/** Webhooks of Jira Cloud in the form that its documentation shows, one for each event of the language. */
import type { StoredDelivery } from '../../port.ts'
import { inParts } from '../../testing/in-parts.ts'
import { partsOf, Payload } from '../told.ts'

const sam = { accountId: '712020:sam', displayName: 'Sam', accountType: 'atlassian' }
const kim = { accountId: '712020:kim', displayName: 'Kim', accountType: 'atlassian' }

export const issue = {
  id: '10042',
  key: 'PAY-42',
  self: 'https://acme.atlassian.net/rest/api/2/issue/10042',
  fields: {
    summary: 'Charged twice',
    description: 'One cent too much.',
    project: { id: '10000', key: 'PAY', name: 'Payments' },
    issuetype: { name: 'Bug' },
    status: { name: 'In Progress' },
    priority: { name: 'High' },
    labels: ['bug', 'agent'],
    components: [{ name: 'checkout' }],
    assignee: kim,
    reporter: sam,
    creator: sam,
    created: '2026-11-29T10:00:00.000+0000',
    customfield_10020: [
      { id: 6, name: 'Sprint 6', state: 'closed', boardId: 1 },
      { id: 7, name: 'Sprint 7', state: 'active', boardId: 1 },
    ],
  },
}
const change = (...items: object[]): object => ({
  webhookEvent: 'jira:issue_updated',
  changelog: { id: '20001', items },
})
const assignee = { field: 'assignee', from: null, fromString: null, to: kim.accountId, toString: 'Kim' }
const labels = { field: 'labels', from: null, fromString: 'bug', to: null, toString: 'bug agent' }
const status = { field: 'status', from: '1', fromString: 'To Do', to: '3', toString: 'In Progress' }

export const payload = (more: object): object => ({ timestamp: 1_764_410_700_000, user: sam, issue, ...more })

/** The deliveries that become of it, one for each part. */
export const deliveries = (told: object): StoredDelivery[] => inParts(told, Payload, partsOf)

export const told = {
  created: payload({ webhookEvent: 'jira:issue_created' }),
  assigned: payload(change(assignee)),
  labeled: payload(change(labels)),
  transitioned: payload(change(status)),
  everything: payload(change(assignee, labels, status, { field: 'summary', fromString: 'Charged', toString: 'x' })),
  commented: payload({
    webhookEvent: 'comment_created',
    user: undefined,
    comment: { id: '30001', body: 'On every invoice.', author: sam, created: '2026-11-29T10:05:00.000+0000' },
  }),
}
export const samples: Readonly<Record<string, StoredDelivery>> = {
  issue_created: deliveries(told.created)[0]!,
  issue_assigned: deliveries(told.assigned)[0]!,
  issue_labeled: deliveries(told.labeled)[0]!,
  issue_transitioned: deliveries(told.transitioned)[0]!,
  issue_commented: deliveries(told.commented)[0]!,
}
