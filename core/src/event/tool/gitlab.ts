/** What GitLab tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

const issue = {
  repo: 'text',
  title: 'text',
  body: 'text',
  labels: 'list',
  author: 'text',
  assignees: 'list',
  milestone: 'text',
  number: 'number',
  confidential: 'flag',
} as const
const mr = {
  repo: 'text',
  title: 'text',
  body: 'text',
  labels: 'list',
  author: 'text',
  number: 'number',
  base: 'text',
  branch: 'text',
  draft: 'flag',
  fork: 'flag',
  paths: 'list',
} as const
const comment = { text: 'text', command: 'text' } as const

export const gitlab = tool({
  title: 'GitLab',
  events: {
    issue_opened: { says: 'opens an issue', fields: issue },
    issue_assigned: { says: 'assigns an issue', fields: { ...issue, assignee: 'text' } },
    issue_labeled: { says: 'labels an issue', fields: { ...issue, label: 'text' } },
    issue_closed: { says: 'closes an issue', fields: issue },
    issue_reopened: { says: 'opens an issue again', fields: issue },
    issue_comment: { says: 'comments on an issue', fields: { ...issue, ...comment } },
    mr_opened: { says: 'opens a merge request', fields: mr },
    mr_updated: { says: 'pushes to a merge request', fields: mr },
    mr_ready: { says: 'takes a merge request out of draft', fields: mr },
    mr_labeled: { says: 'labels a merge request', fields: { ...mr, label: 'text' } },
    mr_approved: { says: 'approves a merge request', fields: mr },
    mr_closed: { says: 'closes or merges a merge request', fields: { ...mr, merged: 'flag' } },
    mr_reopened: { says: 'opens a merge request again', fields: mr },
    mr_comment: { says: 'comments on a merge request', fields: { ...mr, ...comment } },
    pipeline_failed: {
      says: 'reports a failed pipeline',
      unasked: 'does not tell child pipelines',
      fields: { repo: 'text', branch: 'text', job: 'text', stage: 'text', fork: 'flag' },
    },
    push: {
      says: 'receives a push',
      unasked: 'does not tell pushes',
      fields: { repo: 'text', branch: 'text', paths: 'list' },
    },
  },
})
