/** Deliveries of Slack in the form that its documentation shows, one for each event of the language. */
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { StoredDelivery } from '../../port.ts'

export const team = 'T0ACME001'
export const connection: KnownConnection = {
  id: 'con_slack',
  name: 'slack',
  settings: { base: 'https://slack.com' },
  account: { id: `${team}/U0VIEWPORT`, name: 'viewport (Acme)', app: 'A0VIEWPORT', site: 'https://acme.slack.com/' },
}
const channel = { id: 'C024BE91L', name: 'support', shared: false }
const sam = { id: 'U0SAM0001', team, name: 'Sam', bot: false, guest: false, stranger: false, gone: false }
const kim = { ...sam, id: 'U0KIM0001', name: 'Kim' }
const ts = '1764411900.000200'
export const found = { channel, people: [sam, kim], message: { text: 'Charged twice', edited: false, user: kim.id } }

export const event = (one: object, more: object = {}): object => ({
  type: 'event_callback',
  token: 'verification',
  team_id: team,
  api_app_id: 'A0VIEWPORT',
  event_id: 'Ev0001',
  event_time: 1764411900,
  authorizations: [{ team_id: team, user_id: 'U0VIEWPORT', is_bot: true }],
  event: one,
  ...more,
})
export const said = {
  type: 'message',
  user: sam.id,
  text: 'A customer was charged twice.',
  team,
  ts,
  channel: channel.id,
  event_ts: ts,
  channel_type: 'channel',
}
export const command = {
  type: 'slash_commands',
  team_id: team,
  team_domain: 'acme',
  api_app_id: 'A0VIEWPORT',
  channel_id: channel.id,
  channel_name: 'support',
  user_id: sam.id,
  user_name: 'sam',
  command: '/viewport',
  text: 'look at checkout',
  trigger_id: '13345224609.738474920.8088930838d88f008e0',
}
export const shortcut = {
  type: 'message_action',
  team: { id: team, domain: 'acme' },
  api_app_id: 'A0VIEWPORT',
  callback_id: 'fix_it',
  trigger_id: '944799105734.773906753841.38b5894552bdd4a7',
  user: { id: sam.id, name: 'sam', team_id: team },
  channel: { id: channel.id, name: 'support' },
  message: { type: 'message', user: kim.id, ts, text: 'Charged twice', team },
}

/** A delivery; `again` left out: nothing was asked yet. */
export const delivery = (told: object, again: object | null = found): StoredDelivery => ({
  headers: {},
  body: Buffer.from(JSON.stringify(told)),
  part: null,
  ...(again === null ? {} : { again }),
})
export const samples: Readonly<Record<string, StoredDelivery>> = {
  app_mention: delivery(event({ ...said, type: 'app_mention', text: '<@U0VIEWPORT> fix the rounding', thread_ts: ts })),
  message: delivery(event(said)),
  reaction_added: delivery(
    event({
      type: 'reaction_added',
      user: sam.id,
      reaction: 'robot_face',
      item_user: kim.id,
      item: { type: 'message', channel: channel.id, ts },
      event_ts: '1764411999.000100',
    }),
  ),
  slash_command: delivery(command),
  shortcut: delivery(shortcut),
}
