/** What can be done to builds, and the generic signed webhook. */
import { action, json, template, text, words } from '../form.ts'

export const build = {
  'ci.rerun': action({
    tool: 'ci',
    says: 'Run the build again',
    did: 'ran a build again at',
    target: 'source',
    targetParam: 'build',
    params: { build: text('Which build; the one the event was about when left out.') },
    results: ['url'],
    perRun: 3,
  }),
  'ci.report_status': action({
    tool: 'ci',
    says: 'Report a status',
    did: 'reported a status on',
    change: true,
    params: {
      name: text('Name of the status.', { default: 'viewport' }),
      state: words('Its state.', ['success', 'failure', 'pending'], 'success'),
      text: template('What it says.', { quote: 'line' }),
    },
  }),
  'webhook.send': action({
    tool: 'webhook',
    says: 'Send a signed webhook',
    did: 'sent a webhook to',
    params: {
      to: text('Name of a webhook target that an admin set up.', { required: true }),
      type: text('Type of the message.', { default: 'viewport.run' }),
      data: json('What it carries; texts in it are templates.', { default: null }),
    },
    results: ['id', 'status'],
  }),
}
