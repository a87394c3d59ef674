/** What GitHub tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

const issue = {
  repo: 'text',
  title: 'text',
  body: 'text',
  labels: 'list',
  author: 'text',
  assignees: 'list',
  milestone: 'text',
  state: 'text',
  number: 'number',
} as const
const pr = { ...issue, base: 'text', branch: 'text', draft: 'flag', fork: 'flag', paths: 'list' } as const
const comment = { text: 'text', command: 'text', mentions: 'list' } as const

export const github = tool({
  title: 'GitHub',
  events: {
    issue_opened: { says: 'opens an issue', fields: issue },
    issue_edited: { says: 'edits an issue', unasked: 'does not tell edits', fields: issue },
    issue_assigned: { says: 'assigns an issue', fields: { ...issue, assignee: 'text' } },
    issue_labeled: { says: 'labels an issue', fields: { ...issue, label: 'text' } },
    issue_closed: { says: 'closes an issue', fields: issue },
    issue_reopened: { says: 'opens an issue again', fields: issue },
    issue_comment: { says: 'comments on an issue', fields: { ...issue, ...comment } },
    pr_opened: { says: 'opens a pull request', fields: pr },
    pr_updated: {
      says: 'pushes to a pull request',
      unasked: 'does not tell pushes from forks',
      fields: pr,
    },
    pr_ready: { says: 'takes a pull request out of draft', fields: pr },
    pr_labeled: { says: 'labels a pull request', fields: { ...pr, label: 'text' } },
    pr_comment: { says: 'comments on a pull request', fields: { ...pr, ...comment } },
    pr_closed: { says: 'closes a pull request', fields: { ...pr, merged: 'flag' } },
    pr_reopened: { says: 'opens a pull request again', fields: pr },
    review_requested: { says: 'asks for a review', fields: { ...pr, reviewer: 'text' } },
    review_submitted: { says: 'submits a review', fields: { ...pr, review: 'text' } },
    check_failed: {
      says: 'reports a failed check',
      unasked:
        "tells failed runs of GitHub's own workflows, and checks and statuses of others at the newest commit of the default branch alone",
      fields: { repo: 'text', branch: 'text', check: 'text', app: 'text', conclusion: 'text', fork: 'flag' },
    },
    push: { says: 'receives a push', fields: { repo: 'text', branch: 'text', paths: 'list', forced: 'flag' } },
    release_published: { says: 'publishes a release', fields: { repo: 'text', tag: 'text', prerelease: 'flag' } },
    alert_created: {
      says: 'raises a security alert',
      unasked: 'does not tell security alerts',
      fields: { repo: 'text', alert: 'text', severity: 'text', package: 'text' },
    },
  },
})
