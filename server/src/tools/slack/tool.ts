/** Slack: mentions, messages, reactions, commands and shortcuts come in, by a webhook or by a connection of ours; messages go out. */
import { actions } from '@viewportai/core/tools/slack/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { fields } from '@viewportai/core/tools/slack/fields'
import { line } from './line.ts'
import { manifest, newAppLink } from './manifest.ts'
import { read } from './read.ts'
import { status } from './status.ts'
import { samples } from './samples.ts'
import { hook } from './verify.ts'
import { whisper } from './whisper.ts'

export const slack: Tool = {
  title: 'Slack',
  fields,
  hookWords:
    'Only without Socket Mode. In Slack, your app: Event Subscriptions, Request URL {url}; the same address under Interactivity & Shortcuts and for the command under Slash Commands.',
  make: {
    words:
      'Make the app in Slack with one click, install it in your workspace, and give its bot token and an app-level token (scope connections:write) here.',
    link: newAppLink(null),
    text: JSON.stringify(manifest(null), null, 2),
  },
  check,
  hook,
  read,
  again,
  poll: null,
  line,
  samples,
  actions,
  status,
  whisper,
}
