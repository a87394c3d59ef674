/** Changes in repositories without a forge: the branch is pushed, the change is opened and merged in Viewport itself. */
import { action, template, text, words } from '../form.ts'

const repo = text('Which repository; the first one that may be written when left out.', { repo: 'write' })

export const git = {
  'git.open_change': action({
    tool: 'git',
    says: 'Open a change',
    did: 'opened',
    change: true,
    publishes: true,
    at: 'runner',
    perRun: 3,
    params: {
      repo,
      title: template('Title of the change.', { default: '{{ run.title }}', quote: 'line' }),
      body: template('Text of the change.'),
      into: text('Branch it is meant for; the branch the run began from when left out.'),
    },
    results: ['url', 'id', 'ref', 'commit'],
  }),
  'git.merge': action({
    tool: 'git',
    says: 'Merge the change',
    did: 'merged',
    after: ['git.open_change'],
    change: true,
    publishes: true,
    at: 'runner',
    perRun: 1,
    params: {
      repo,
      into: text('Branch to merge into; the branch the run began from when left out.'),
      method: words('How.', ['merge', 'fast_forward'], 'merge'),
    },
    results: ['commit'],
  }),
}
