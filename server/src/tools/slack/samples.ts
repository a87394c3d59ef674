/** What Slack sends, to try a workflow with. https://docs.slack.dev/reference/events */
import type { Sample } from '../port.ts'

const team = 'T0EXAMPLE1'
const event = {
  type: 'app_mention',
  user: 'U0KIM00001',
  text: '<@U0VIEWPORT> customers are charged twice when a payment is retried',
  team,
  ts: '1793610300.000200',
  channel: 'C024BE91L',
  event_ts: '1793610300.000200',
}

const heard = (more: object): Sample['body'] => ({
  type: 'event_callback',
  token: 'verification',
  team_id: team,
  api_app_id: 'A0VIEWPORT',
  event_id: 'Ev0001',
  event_time: 1_793_610_300,
  authorizations: [{ team_id: team, user_id: 'U0VIEWPORT', is_bot: true }],
  event: { ...event, ...more },
})
/** What Slack tells of it: names. */
const named = {
  us: { id: `${team}/U0VIEWPORT`, name: 'viewport' },
  again: { channel: { id: event.channel, name: 'support', shared: false }, people: [] },
}
const pressed = { team: { id: team, domain: 'example' }, api_app_id: 'A0VIEWPORT', trigger_id: '1.2.3' }

export const samples: readonly Sample[] = [
  { name: 'app-mention', says: 'Somebody mentions the app in a channel', body: heard({}), ...named },
  {
    name: 'message',
    says: 'A message is written in a channel',
    ...named,
    body: heard({
      type: 'message',
      channel_type: 'channel',
      text: 'customers are charged twice when a payment is retried',
    }),
  },
  {
    name: 'reaction-added',
    says: 'Somebody reacts to a message',
    ...named,
    body: heard({
      type: 'reaction_added',
      reaction: 'bug',
      item: { type: 'message', channel: event.channel, ts: event.ts },
      item_user: event.user,
    }),
  },
  {
    name: 'slash-command',
    says: 'Somebody writes the command',
    body: {
      type: 'slash_commands',
      team_id: team,
      api_app_id: 'A0VIEWPORT',
      command: '/viewport',
      text: 'fix customers are charged twice when a payment is retried',
      user_id: event.user,
      user_name: 'kim',
      channel_id: event.channel,
      channel_name: 'support',
      trigger_id: '1.2.3',
    },
  },
  {
    name: 'shortcut',
    says: 'Somebody uses the shortcut on a message',
    body: {
      type: 'message_action',
      ...pressed,
      callback_id: 'viewport',
      user: { id: event.user, team_id: team, name: 'kim' },
      channel: { id: event.channel, name: 'support' },
      message: { ...event, type: 'message', text: 'customers are charged twice when a payment is retried' },
    },
  },
]
