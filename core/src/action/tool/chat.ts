/** What can be said in Slack. */
import { action, template, text } from '../form.ts'

export const chat = {
  'slack.comment': action({
    tool: 'slack',
    says: 'Comment',
    did: 'wrote in',
    target: 'source_or_team',
    targetParam: 'channel',
    perRun: 10,
    params: {
      channel: text('Channel, as #name; the thread the event came from when left out, else the channel of the team.'),
      text: template('What it says.', { default: '{{ run.title }}: {{ run.url }}', quote: 'slack' }),
    },
    results: ['url', 'id'],
  }),
  'slack.message': action({
    tool: 'slack',
    says: 'Send a message',
    did: 'wrote in',
    params: {
      channel: text('Channel, as #name.', { required: true }),
      text: template('What it says.', { required: true, quote: 'slack' }),
    },
    results: ['url', 'id'],
  }),
  'slack.update': action({
    tool: 'slack',
    says: 'Update its own message',
    did: 'changed its message in',
    after: ['slack.comment', 'slack.message'],
    params: { text: template('What it says from now on.', { required: true, quote: 'slack' }) },
    results: ['url', 'id'],
  }),
}
