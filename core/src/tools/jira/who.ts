/** Whose token is it? */
import type { Outside } from '../outside.ts'
import type { Connection, Who } from '../port.ts'
import { askJira, type Told } from './ask.ts'

/** Asks Jira with an account's address and token. Throws NotSent or NoWholeAnswer. */
export const who = async (
  connection: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
): Promise<Who<Told>> => {
  const came = await askJira(connection, outside, 'GET', '/myself')
  if ('limited' in came) return { problem: 'Jira limits the rate of this account now; try again in a while.' }
  if ('no' in came && came.status === 401)
    return {
      problem:
        'Jira does not accept it: the e-mail address or the token is wrong, or the token was revoked. Tokens are made at id.atlassian.com, Security, API tokens.',
    }
  if (!('body' in came)) return { problem: `Jira does not take it: ${'no' in came ? came.no : came.unclear}.` }
  const { accountId, displayName } = came.body
  return typeof accountId === 'string'
    ? { account: { id: accountId, name: String(displayName) }, told: came.body }
    : { problem: 'Jira does not say whose token it is.' }
}
