/** What Jira tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

const issue = {
  project: 'text',
  key: 'text',
  title: 'text',
  body: 'text',
  type: 'text',
  status: 'text',
  priority: 'text',
  labels: 'list',
  components: 'list',
  assignee: 'text',
  reporter: 'text',
  sprint: 'text',
} as const

export const jira = tool({
  title: 'Jira',
  events: {
    issue_created: { says: 'creates an issue', fields: issue },
    issue_assigned: { says: 'assigns an issue', fields: issue },
    issue_labeled: { says: 'labels an issue', fields: { ...issue, label: 'text' } },
    issue_transitioned: { says: 'moves an issue', fields: { ...issue, from_status: 'text' } },
    issue_commented: { says: 'comments on an issue', fields: { ...issue, text: 'text', command: 'text' } },
  },
})
