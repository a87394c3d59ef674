/** Whose token is it? */
import type { Outside } from '../outside.ts'
import type { Connection, Who } from '../port.ts'
import { askerFor } from './ask.ts'
import { addressHint, baseOf, messageIn, type Came } from './rest.ts'

/** Asks GitHub with a token. `told`: the whole answer, for what it says beside. Throws NotSent or NoWholeAnswer. */
export const who = async (
  connection: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
): Promise<Who<{ readonly came: Came; readonly isBot: boolean }>> => {
  const came = await askerFor(connection, outside)('GET', '/user')
  const user = came.body as { id?: unknown; login?: unknown; type?: unknown } | null
  if (came.status !== 200 || typeof user?.id !== 'number' || typeof user.login !== 'string')
    return { problem: refusedWords(came, baseOf(connection.settings)) }
  return { account: { id: String(user.id), name: user.login }, told: { came, isBot: user.type === 'Bot' } }
}

/** Why an answer is none, in words. */
export const refusedWords = (came: Came, base: string): string =>
  came.status === 401
    ? 'GitHub does not accept it: the token is wrong, expired or revoked.'
    : `${base} answered ${came.status}${messageIn(came.body) ? `: ${messageIn(came.body)}` : ''}.${addressHint(base, came)}`
