/** What can be done on GitLab. */
import { action, flag, list, template, text, words } from '../form.ts'

const on = text(
  'Issue or merge request, as group/name#number or group/name!number; the one the event was about when left out.',
)
const repo = text('Which repository; the first one that may be written when left out.', { repo: 'write' })
const source = { tool: 'gitlab', target: 'source', targetParam: 'on' } as const

export const gitlab = {
  'gitlab.open_mr': action({
    tool: 'gitlab',
    says: 'Open a merge request',
    did: 'showed the change in',
    change: true,
    publishes: true,
    perRun: 3,
    params: {
      repo,
      title: template('Title of the merge request.', { default: '{{ run.title }}', quote: 'line' }),
      body: template('Text above what Viewport adds.'),
      draft: flag('Open it as a draft.'),
      base: text('Branch it is meant for; the branch the run began from when left out.'),
      labels: list('Labels to set.'),
    },
    results: ['url', 'number', 'branch', 'commit'],
  }),
  'gitlab.update_mr': action({
    tool: 'gitlab',
    says: 'Update the merge request',
    did: 'updated',
    after: ['gitlab.open_mr'],
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
  'gitlab.comment': action({
    ...source,
    says: 'Comment',
    did: 'commented on',
    params: { on, text: template('The comment.', { default: 'Viewport worked on this: {{ run.url }}' }) },
    results: ['url', 'id'],
  }),
  'gitlab.label': action({
    ...source,
    says: 'Set labels',
    did: 'set labels of',
    params: { on, add: list('Labels to add.'), remove: list('Labels to take away.') },
  }),
  'gitlab.create_issue': action({
    tool: 'gitlab',
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
  'gitlab.report_status': action({
    tool: 'gitlab',
    says: 'Report a status',
    did: 'reported a status on',
    change: true,
    params: {
      repo,
      name: text('Name of the status.', { default: 'viewport' }),
      state: words('Its state.', ['success', 'failure', 'pending'], 'success'),
      text: template('What it says.', { quote: 'line' }),
    },
    results: ['url', 'id'],
  }),
}
