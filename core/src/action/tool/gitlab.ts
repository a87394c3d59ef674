/** What can be done on GitLab. */
import { action, flag, list, template, text } from '../form.ts'

const on = text(
  'Issue or merge request, as group/name#number or group/name!number; the one the event was about when left out.',
)
const source = { tool: 'gitlab', target: 'source', targetParam: 'on' } as const

export const gitlab = {
  'gitlab.open_mr': action({
    tool: 'gitlab',
    says: 'Open a merge request',
    change: true,
    publishes: true,
    perRun: 3,
    params: {
      repo: text('Which repository; the first one that may be written when left out.', { repo: 'write' }),
      title: template('Title of the merge request.', { default: '{{ run.title }}', quote: 'line' }),
      body: template('Text above what Viewport adds.'),
      draft: flag('Open it as a draft.'),
      base: text('Branch it is meant for; the branch the run began from when left out.'),
      labels: list('Labels to set.'),
    },
    results: ['url', 'number', 'branch', 'commit'],
  }),
  'gitlab.comment': action({
    ...source,
    says: 'Comment',
    params: { on, text: template('The comment.', { default: 'Viewport worked on this: {{ run.url }}' }) },
    results: ['url', 'id'],
  }),
  'gitlab.label': action({
    ...source,
    says: 'Set labels',
    params: { on, add: list('Labels to add.'), remove: list('Labels to take away.') },
  }),
}
