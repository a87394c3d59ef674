/** Webhooks of Linear in the form that its documentation shows, one for each event of the language. */
import type { StoredDelivery } from '../../port.ts'
import { inParts } from '../../testing/in-parts.ts'
import { partsOf, Payload } from '../told.ts'

const sam = { id: 'd4f8a2c1-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Sam', type: 'user', email: 'sam@acme.dev' }
const kim = { id: '0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Kim', email: 'kim@acme.dev' }
const bug = { id: '2c6e9b4d-8a1f-4c7e-9d3b-5a8f2c6e9b4d', name: 'bug', color: '#eb5757' }
const agent = { id: '7f6e9b4d-8a1f-4c7e-9d3b-5a8f2c6e9b4d', name: 'agent', color: '#26b5ce' }

export const issue = {
  id: '7c2e4f1a-9b3d-4a6e-8c5f-1d7b3e9a2c4f',
  identifier: 'PAY-1842',
  number: 1842,
  title: 'Charged twice',
  description: 'One cent too much.',
  priority: 2,
  priorityLabel: 'High',
  estimate: 3,
  createdAt: '2026-11-29T10:00:00.000Z',
  updatedAt: '2026-11-29T10:05:00.000Z',
  url: 'https://linear.app/acme/issue/PAY-1842/charged-twice',
  stateId: 'state-progress',
  state: { id: 'state-progress', name: 'In Progress', type: 'started', color: '#f2c94c' },
  teamId: 'team-pay',
  team: { id: 'team-pay', key: 'PAY', name: 'Payments' },
  assigneeId: kim.id,
  assignee: kim,
  creatorId: sam.id,
  creator: sam,
  project: { id: 'project-1', name: 'Checkout' },
  cycle: { id: 'cycle-1', number: 42, name: 'Cycle 42' },
  labelIds: [bug.id, agent.id],
  labels: [bug, agent],
}
const comment = {
  id: '11112222-9b3d-4a6e-8c5f-1d7b3e9a2c4f',
  body: 'It happens on every invoice.',
  createdAt: '2026-11-29T10:05:00.000Z',
  issueId: issue.id,
  issue,
  userId: sam.id,
  user: sam,
}

/** A webhook's payload, sent now. */
export const payload = (more: object, now = Date.now()): object => ({
  type: 'Issue',
  action: 'update',
  actor: sam,
  createdAt: '2026-11-29T10:05:00.000Z',
  url: issue.url,
  organizationId: 'org-1',
  webhookId: 'hook-1',
  webhookTimestamp: now,
  data: issue,
  ...more,
})

/** The deliveries that become of it, one for each part. */
export const deliveries = (told: object): StoredDelivery[] => inParts(told, Payload, partsOf)

export const told = {
  created: payload({ action: 'create' }),
  assigned: payload({ updatedFrom: { updatedAt: issue.createdAt, assigneeId: null } }),
  labeled: payload({ updatedFrom: { updatedAt: issue.createdAt, labelIds: [bug.id] } }),
  moved: payload({ updatedFrom: { updatedAt: issue.createdAt, stateId: 'state-todo' } }),
  commented: payload({ type: 'Comment', action: 'create', data: comment }),
  everything: payload({ updatedFrom: { assigneeId: sam.id, labelIds: [], stateId: 'state-todo', title: 'Charged' } }),
}
export const samples: Readonly<Record<string, StoredDelivery>> = {
  issue_created: deliveries(told.created)[0]!,
  issue_assigned: deliveries(told.assigned)[0]!,
  issue_labeled: deliveries(told.labeled)[0]!,
  issue_moved: deliveries(told.moved)[0]!,
  issue_commented: deliveries(told.commented)[0]!,
}
