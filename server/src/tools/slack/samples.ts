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

export const samples: readonly Sample[] = [
  {
    name: 'app-mention',
    says: 'Somebody mentions the app in a channel',
    body: {
      type: 'event_callback',
      token: 'verification',
      team_id: team,
      api_app_id: 'A0VIEWPORT',
      event_id: 'Ev0001',
      event_time: 1_793_610_300,
      authorizations: [{ team_id: team, user_id: 'U0VIEWPORT', is_bot: true }],
      event,
    },
  },
]
