/** What Linear tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

const issue = {
  team: 'text',
  project: 'text',
  key: 'text',
  title: 'text',
  body: 'text',
  labels: 'list',
  status: 'text',
  status_type: 'text',
  priority: 'number',
  estimate: 'number',
  assignee: 'text',
  creator: 'text',
  cycle: 'text',
} as const

export const linear = tool({
  title: 'Linear',
  events: {
    issue_created: { says: 'creates an issue', fields: issue },
    issue_assigned: { says: 'assigns an issue', fields: issue },
    issue_labeled: { says: 'labels an issue', fields: { ...issue, label: 'text' } },
    issue_moved: { says: 'moves an issue', fields: { ...issue, from_status: 'text' } },
    issue_commented: { says: 'comments on an issue', fields: { ...issue, text: 'text', command: 'text' } },
  },
})
