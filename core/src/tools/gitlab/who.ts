/** Whose token is it? */
import type { Outside } from '../outside.ts'
import type { Connection, Who } from '../port.ts'
import { askerFor, messageIn } from './ask.ts'
import { baseOf } from './fields.ts'

/** Asks GitLab with a token. Throws NotSent or NoWholeAnswer. */
export const who = async (
  connection: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
): Promise<Who<{ readonly isBot: boolean }>> => {
  const { status, body } = await askerFor(connection, outside)('GET', '/user')
  const user = body as { id?: unknown; username?: unknown; bot?: unknown } | null
  if (status === 401) return { problem: 'GitLab does not accept it: the token is wrong, expired or revoked.' }
  if (status !== 200 || typeof user?.id !== 'number' || typeof user.username !== 'string')
    return {
      problem: `${baseOf(connection.settings)} answered ${status}${messageIn(body) ? `: ${messageIn(body)}` : ''}.`,
    }
  return { account: { id: String(user.id), name: user.username }, told: { isBot: user.bot === true } }
}
