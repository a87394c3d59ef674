// What emulate's Slack holds when a scenario begins: Acme with #support, sam, and our app with a bot's token.
import type { SeedConfig } from 'emulate'

export const slackSeed = (token: string): SeedConfig => ({
  slack: {
    team: { name: 'Acme', domain: 'acme' },
    users: [{ name: 'sam', real_name: 'Sam' }],
    channels: [{ name: 'support' }],
    oauth_apps: [
      {
        app_id: 'A0VIEWPORT',
        client_id: 'c',
        client_secret: 's',
        name: 'Viewport',
        redirect_uris: [],
        bot_id: 'B0VIEWPORT',
        bot_user_id: 'U0VIEWPORT',
        bot_name: 'viewport',
      },
    ],
    tokens: [{ token, user_id: 'U0VIEWPORT', type: 'bot', app_id: 'A0VIEWPORT', bot_id: 'B0VIEWPORT' }],
  },
})
