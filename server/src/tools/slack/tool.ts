/** Slack: mentions, messages, reactions, commands and shortcuts come in, by a webhook or by a connection of ours; messages go out. */
import { actions } from '@viewportai/core/tools/slack/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { aside } from './aside.ts'
import { check } from './check.ts'
import { channelsIn, fields, isChannelId } from '@viewportai/core/tools/slack/fields'
import { line } from './line.ts'
import { manifest, newAppLink } from './manifest.ts'
import { lookUp } from './look-up.ts'
import { read } from './read.ts'
import { show } from './show.ts'
import { status } from '@viewportai/core/tools/slack/status'
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
  lookUp,
  hook,
  read,
  again,
  narrows(connection) {
    const all = channelsIn(connection)
    const ids = all.filter(isChannelId)
    // Where both are given, either may let in what the other does not name.
    if (all.length === 0 || (ids.length > 0 && ids.length < all.length)) return []
    return ids.length > 0
      ? [{ setting: 'channels', field: 'channel_id', values: ids }]
      : [{ setting: 'channels', field: 'channel', values: all.map((name) => `#${name}`) }]
  },
  poll: null,
  line,
  samples,
  actions,
  status,
  show,
  whisper,
  aside,
}
