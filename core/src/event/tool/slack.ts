/** What Slack tells: the fields its events can be matched on. */
import { tool } from '../listen.ts'

const message = { channel: 'text', text: 'text', in_thread: 'flag' } as const

export const slack = tool({
  title: 'Slack',
  event: 'app_mention',
  events: {
    app_mention: { says: 'mentions the app', fields: message },
    message: { says: 'receives a message', fields: message },
    reaction_added: { says: 'receives a reaction', fields: { channel: 'text', text: 'text', emoji: 'text' } },
    slash_command: { says: 'receives the command', fields: { channel: 'text', text: 'text', command: 'text' } },
    shortcut: { says: 'receives the shortcut', fields: { channel: 'text', text: 'text', shortcut: 'text' } },
  },
})
