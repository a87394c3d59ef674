/** What can be done to builds, and the generic signed webhook. */
import { action, json, template, text, words } from '../form.ts'

export const build = {
  'ci.rerun': action({
    tool: 'ci',
    says: 'Run the build again',
    target: 'source',
    targetParam: 'build',
    params: { build: text('Which build; the one the event was about when left out.') },
    results: ['url'],
    perRun: 3,
  }),
  'ci.report_status': action({
    tool: 'ci',
    says: 'Report a status',
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
    params: {
      to: text('Name of a webhook target that an admin set up.', { required: true }),
      type: text('Type of the message.', { default: 'viewport.run' }),
      data: json('What it carries; texts in it are templates.', { default: null }),
    },
    results: ['id', 'status'],
  }),
}
