/** What Slack tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

/** `channel`: its name, as #support. `channel_id` stays when it is given another name. */
const about = { channel: 'text', channel_id: 'text', text: 'text' } as const
const message = { ...about, in_thread: 'flag' } as const

export const slack = tool({
  title: 'Slack',
  event: 'app_mention',
  events: {
    app_mention: { says: 'mentions the app', fields: message },
    message: { says: 'receives a message', fields: message },
    reaction_added: { says: 'receives a reaction', fields: { ...about, emoji: 'text' } },
    slash_command: { says: 'receives the command', fields: { ...about, command: 'text' } },
    shortcut: { says: 'receives the shortcut', fields: { ...about, shortcut: 'text' } },
  },
})
