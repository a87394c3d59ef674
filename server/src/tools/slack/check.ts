/** Do the tokens of a Slack connection work, who are we there, may the app do what it must, and are the named channels there? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askSlack, dataOf, type Came, type Told } from '@viewportai/core/tools/slack/ask'
import { channelsIn } from '@viewportai/core/tools/slack/fields'
import { botScopes } from './manifest.ts'

/** What nothing works without; more is needed for what a workflow asks for. */
const needed = ['chat:write', 'users:read']

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const base = connection.settings['base'] ?? ''
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    return { problem: `"${base}" is not an address, like https://slack.com.` }
  const { token = '', app } = connection.secrets
  if (/^xapp-/.test(token)) return { problem: 'That is an app-level token (xapp-…); the bot token begins with xoxb-.' }
  if (/^xoxp-/.test(token))
    return {
      problem: "That is a person's token (xoxp-…); what it writes would be theirs. The bot token begins with xoxb-.",
    }
  const who = await askSlack(connection, outside, 'auth.test')
  if (!('data' in who)) return { problem: problemOf(who) }
  const { team_id: team, user_id: user, bot_id: bot } = who.data
  if (typeof team !== 'string' || typeof user !== 'string')
    return {
      problem:
        'Slack does not say whose token it is. A token for a whole organisation (Enterprise Grid) is not supported; install the app in one workspace.',
    }
  const lacking = lackingIn(who.headers['x-oauth-scopes'])
  const must = lacking.filter((scope) => needed.includes(scope))
  if (must.length > 0)
    return {
      problem: `The app lacks ${must.join(' and ')}: in Slack, your app, OAuth & Permissions, add it and install the app again.`,
    }
  const appId = appIn(who.data) ?? (typeof bot === 'string' ? await appOf(connection, outside, bot) : null)
  if (app !== undefined) {
    const opened = await askSlack(connection, outside, 'apps.connections.open', {}, { token: 'app' })
    if (!('data' in opened)) return { problem: `With the app-level token: ${problemOf(opened)}` }
  }
  const channels = await missing(connection, outside)
  if (typeof channels === 'string') return { problem: channels }
  const ways = [
    ...(app === undefined ? [] : ['Socket Mode']),
    ...(connection.secrets['signing'] ? ['its webhook'] : []),
  ]
  return {
    account: {
      id: `${team}/${user}`,
      name: `${String(who.data['user'])} (${String(who.data['team'])})`,
      ...(appId === null ? {} : { app: appId }),
      ...siteOf(who.data['url']),
    },
    notes: [
      ...(ways.length > 0
        ? [`Slack tells by ${ways.join(' and ')}.`]
        : ['It has neither an app-level token nor a signing secret: messages go out, and nothing comes in.']),
      ...(lacking.length > 0 ? [`The app has no ${lacking.join(', ')}; what needs them will say so.`] : []),
      ...channels.map((name) => `The app is not in #${name} yet: there, type /invite @${String(who.data['user'])}.`),
    ],
  }
}

const problemOf = (came: Exclude<Came, { data: Told }>): string =>
  'limited' in came
    ? 'Slack limits the rate of this app now; try again in a while.'
    : 'no' in came
      ? `${came.words.says} ${came.words.check}`
      : `${came.unclear}.`

/** Scopes of the manifest that the token lacks; Slack tells the token's in a header. */
const lackingIn = (scopes: string | undefined): string[] => {
  if (scopes === undefined) return []
  const has = new Set(scopes.split(',').map((scope) => scope.trim()))
  return botScopes.filter((scope) => !has.has(scope))
}

const appIn = (told: Told): string | null => (typeof told['app_id'] === 'string' ? told['app_id'] : null)

/** Which app the bot is of; null: Slack does not say, and then it is not checked. */
const appOf = async (
  connection: Omit<Connection, 'account'>,
  outside: Outside,
  bot: string,
): Promise<string | null> => {
  const came = await askSlack(connection, outside, 'bots.info', { bot })
  return 'data' in came ? appIn((came.data['bot'] ?? {}) as Told) : null
}

const siteOf = (url: unknown): { site: string } | null =>
  typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? { site: `${url.replace(/\/+$/, '')}/` }
    : null

/** Named channels that the app is not in; a sentence when one is not there at all. */
const missing = async (connection: Omit<Connection, 'account'>, outside: Outside): Promise<string[] | string> => {
  const named = channelsIn(connection)
  if (named.length === 0) return []
  const seen: Told[] = []
  let cursor = ''
  for (let page = 0; page < 20; page++) {
    const came = await askSlack(connection, outside, 'conversations.list', {
      limit: 1_000,
      exclude_archived: true,
      types: 'public_channel,private_channel',
      ...(cursor === '' ? {} : { cursor }),
    })
    if (!('data' in came)) return problemOf(came)
    const told = dataOf(came)
    seen.push(...((told['channels'] ?? []) as Told[]))
    cursor = String(told['response_metadata']?.next_cursor ?? '')
    if (cursor === '') break
  }
  const found = named.map((name) =>
    seen.find((one) => one['id'] === name || String(one['name']).toLowerCase() === name),
  )
  const lost = named.find((_, at) => found[at] === undefined)
  if (lost !== undefined && cursor === '')
    return `Slack shows the app no channel ${lost}. It is not there, or it is private and the app is not in it: there, type /invite and the app's name.`
  return found.flatMap((one) => (one && one['is_member'] === false ? [String(one['name'])] : []))
}
