/** Does a connection to CI have what it needs, and does its forge take the token? Without a forge nobody is asked: CI calls us. */
import { askerFor as githubAsker } from '../github/ask.ts'
import { askerFor as gitlabAsker } from '@viewportai/core/tools/gitlab/ask'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'

export const check = async (
  { settings, secrets }: Omit<Connection, 'account'>,
  outside: Outside,
): ReturnType<Tool['check']> => {
  const { forge, base } = settings
  const { token, forge_token: key } = secrets
  if (!/^\S{16,400}$/.test(token ?? ''))
    return { problem: 'The token of CI is shorter than 16 characters, or has blanks in it.' }
  if (!forge)
    return base || key
      ? { problem: 'It has an address or a token of a forge, and no forge: github or gitlab.' }
      : { account: null, notes: ['CI can tell of builds; reporting statuses and running builds again needs a forge.'] }
  if (forge !== 'github' && forge !== 'gitlab')
    return { problem: `"${forge}" is no forge that is known here: github or gitlab.` }
  if (!base || !URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    return {
      problem: `A forge needs its address, like ${forge === 'github' ? 'https://api.github.com' : 'https://gitlab.com'}.`,
    }
  if (!key) return { problem: 'A forge needs a token (forge_token).' }
  const connection = { settings: { base }, secrets: { token: key } }
  const ask = forge === 'github' ? githubAsker(connection, outside) : gitlabAsker(connection, outside)
  const { status, body } = await ask('GET', '/user')
  const user = body as { login?: unknown; username?: unknown } | null
  const name = user?.login ?? user?.username
  if (status !== 200 || typeof name !== 'string')
    return { problem: `${base} does not take the token of the forge: it answered ${status}.` }
  // Builds are told by CI, not by this account, so it is nobody's echo.
  return { account: null, notes: [`Statuses are reported as ${name}.`] }
}
