/** Slack for tests: somebody else's program (emulate), with Acme, #support, Sam, and our app with a bot's token. */
import { createEmulator } from 'emulate'

type Told = Record<string, unknown>

/** `us`: who the bot is there. `support`: the id of the channel. */
export const openSlack = async () => {
  const bot = 'xoxb-viewport'
  const program = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: [{ name: 'sam', real_name: 'Sam' }],
        channels: [{ name: 'support' }],
        oauth_apps: [
          {
            app_id: 'A0V',
            client_id: 'c',
            client_secret: 's',
            name: 'Viewport',
            redirect_uris: [],
            bot_id: 'B0V',
            bot_user_id: 'U0V',
            bot_name: 'viewport',
          },
        ],
        tokens: [{ token: bot, user_id: 'U0V', type: 'bot', app_id: 'A0V', bot_id: 'B0V' }],
      },
    },
  })
  const ask = async (method: string, body: Record<string, string> = {}): Promise<Told> =>
    (await (
      await fetch(`${program.url}/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bot}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(body),
      })
    ).json()) as Told
  const channels = (await ask('conversations.list'))['channels'] as { id: string; name: string }[]
  return {
    url: program.url,
    bot,
    us: { id: `${String((await ask('auth.test'))['team_id'])}/U0V`, name: 'viewport', app: 'A0V' },
    support: channels.find(({ name }) => name === 'support')!.id,
    ask,
    close: () => program.close(),
  }
}
