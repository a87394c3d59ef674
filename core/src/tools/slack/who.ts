/** Whose token is it? */
import { trimmedEnd } from '../../trimmed.ts'
import type { Outside } from '../outside.ts'
import type { Connection, Who } from '../port.ts'
import { URL } from '../url.ts'
import { askSlack, type Came, type Told } from './ask.ts'

type Asker = Pick<Connection, 'settings' | 'secrets'>
type Heard = Extract<Came, { readonly data: Told }>

/** Asks Slack with a bot's token. Throws NotSent or NoWholeAnswer. */
export const who = async (connection: Asker, outside: Outside): Promise<Who<Heard>> => {
  const token = connection.secrets['token'] ?? ''
  if (/^xapp-/.test(token)) return { problem: 'That is an app-level token (xapp-…); the bot token begins with xoxb-.' }
  if (/^xoxp-/.test(token))
    return {
      problem: "That is a person's token (xoxp-…); what it writes would be theirs. The bot token begins with xoxb-.",
    }
  const came = await askSlack(connection, outside, 'auth.test')
  if (!('data' in came)) return { problem: problemOf(came) }
  const { team_id: team, user_id: user, bot_id: bot } = came.data
  if (typeof team !== 'string' || typeof user !== 'string')
    return {
      problem:
        'Slack does not say whose token it is. A token for a whole organisation (Enterprise Grid) is not supported; install the app in one workspace.',
    }
  if (!idForm.test(team) || !idForm.test(user))
    return { problem: 'What answers there says ids that Slack does not have; check the address of the API.' }
  const app = appIn(came.data) ?? (typeof bot === 'string' ? await appOf(connection, outside, bot) : null)
  return {
    account: {
      id: `${team}/${user}`,
      name: `${String(came.data['user'])} (${String(came.data['team'])})`,
      ...(app === null ? {} : { app }),
      ...siteOf(came.data['url']),
    },
    told: came,
  }
}

/** Why Slack gave no answer, in words. */
export const problemOf = (came: Exclude<Came, { readonly data: Told }>): string =>
  'limited' in came
    ? 'Slack limits the rate of this app now; try again in a while.'
    : 'no' in came
      ? `${came.words.says} ${came.words.check}`
      : `${came.unclear}.`

/** Ids of Slack: `T0ACME`, `U0VIEWPORT`, `A012AB3CD`. Whoever connects names the server, so they are looked at. */
const idForm = /^[A-Z][A-Z0-9]{1,30}$/

const appIn = ({ app_id: app }: Told): string | null => (typeof app === 'string' && idForm.test(app) ? app : null)

/** Which app the bot is of; null: Slack does not say, and then it is not checked. */
const appOf = async (connection: Asker, outside: Outside, bot: string): Promise<string | null> => {
  const came = await askSlack(connection, outside, 'bots.info', { bot })
  return 'data' in came ? appIn((came.data['bot'] ?? {}) as Told) : null
}

/** Where the workspace's pages are: a host and nothing below it. Longer than an address is, it is none. */
const siteOf = (url: unknown): { site: string } | null =>
  typeof url === 'string' && url.length <= 300 && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? { site: `${trimmedEnd(url, '/')}/` }
    : null
