/** What Slack tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

/** `channel`: its name, as #support. `channel_id` stays when it is given another name. */
const about = { channel: 'text', channel_id: 'text', text: 'text' } as const
const message = { ...about, in_thread: 'flag' } as const

export const slack = tool({
  title: 'Slack',
  // The settings of a connection take both, and so do people.
  spelled: {
    channel: (name) => (/^[CDG][A-Z0-9]{6,20}$/.test(name) ? name : `#${name.trim().replace(/^#/, '').toLowerCase()}`),
  },
  event: 'app_mention',
  events: {
    app_mention: { says: 'mentions the app', fields: message },
    message: { says: 'receives a message', fields: message },
    reaction_added: { says: 'receives a reaction', fields: { ...about, emoji: 'text' } },
    slash_command: { says: 'receives the command', fields: { ...about, command: 'text' } },
    shortcut: { says: 'receives the shortcut', fields: { ...about, shortcut: 'text' } },
  },
})
