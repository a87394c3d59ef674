/** What can be done on GitHub. */
import { action, flag, list, template, text, words } from '../form.ts'

const repo = text('Which repository; the first one that may be written when left out.', { repo: 'write' })
const on = text('Issue or pull request, as owner/name#number; the one the event was about when left out.')
const source = { tool: 'github', target: 'source', targetParam: 'on' } as const

export const github = {
  'github.open_pr': action({
    tool: 'github',
    says: 'Open a pull request',
    did: 'showed the change in',
    change: true,
    publishes: true,
    perRun: 3,
    params: {
      repo,
      title: template('Title of the pull request.', { default: '{{ run.title }}', quote: 'line' }),
      body: template('Text above what Viewport adds (plan, checks, link to the run).'),
      draft: flag('Open it as a draft.'),
      base: text('Branch it is meant for; the branch the run began from when left out.'),
      labels: list('Labels to set.'),
      reviewers: list('GitHub logins or org/team to ask for a review.'),
    },
    results: ['url', 'number', 'branch', 'commit'],
  }),
  'github.update_pr': action({
    tool: 'github',
    says: 'Update the pull request',
    did: 'updated',
    after: ['github.open_pr'],
    change: true,
    publishes: true,
    params: {
      repo,
      title: template('New title.', { quote: 'line' }),
      body: template('New text.'),
      ready: flag('Take it out of draft.'),
    },
    results: ['url', 'number', 'commit'],
  }),
  'github.comment': action({
    ...source,
    says: 'Comment',
    did: 'commented on',
    params: { on, text: template('The comment.', { default: 'Viewport worked on this: {{ run.url }}' }) },
    results: ['url', 'id'],
  }),
  'github.label': action({
    ...source,
    says: 'Set labels',
    did: 'set labels of',
    params: { on, add: list('Labels to add.'), remove: list('Labels to take away.') },
  }),
  'github.assign': action({
    ...source,
    says: 'Assign',
    did: 'assigned',
    params: { on, to: list('GitHub logins.', { required: true }) },
  }),
  'github.review': action({
    ...source,
    says: 'Post a review',
    did: 'reviewed',
    params: {
      on,
      text: template('The review.', { required: true }),
      verdict: words('What it says; an agent never approves.', ['comment', 'request_changes'], 'comment'),
    },
    results: ['url', 'id'],
  }),
  'github.report_check': action({
    tool: 'github',
    says: 'Report a check',
    did: 'reported a check on',
    change: true,
    params: {
      repo,
      name: text('Name of the check.', { default: 'viewport' }),
      conclusion: words('Its outcome.', ['success', 'failure', 'neutral'], 'neutral'),
      summary: template('What it says.'),
    },
    results: ['url', 'id'],
  }),
  'github.create_issue': action({
    tool: 'github',
    says: 'Create an issue',
    did: 'created',
    params: {
      repo: text('Which repository.', { repo: 'any', required: true }),
      title: template('Title.', { required: true, quote: 'line' }),
      body: template('Text.'),
      labels: list('Labels.'),
    },
    results: ['url', 'number'],
  }),
}
