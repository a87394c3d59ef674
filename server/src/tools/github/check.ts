/** Do the secrets of a GitHub connection work, who are we there, and what may we not do that an action will need? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Account } from '@viewportai/core/tools/port'
import type { Connection, Tool } from '../port.ts'
import { appWord, isApp, TokenRefused } from './app-token.ts'
import { askerFor } from './ask.ts'
import { nearRepository } from './look-up.ts'
import { isRepoName, reposIn } from '@viewportai/core/tools/github/fields'
import { askWith, baseFlaw, baseOf, type Came } from '@viewportai/core/tools/github/rest'
import { refusedWords, who } from '@viewportai/core/tools/github/who'

type Checked = Awaited<ReturnType<Tool['check']>>
type Asker = Omit<Connection, 'account'>

export const check = async (connection: Asker, outside: Outside): Promise<Checked> => {
  const { settings, secrets } = connection
  const wrong = formFlaw(connection)
  if (wrong !== null) return { problem: wrong }
  if (secrets['webhook_secret']!.length < 16) return { problem: 'The webhook secret is shorter than 16 characters.' }
  try {
    const who = await (isApp(connection) ? asApp(connection, outside) : asUser(connection, outside))
    if ('problem' in who) return who
    const repos = await Promise.all(reposIn(settings).map((name) => repoNote(connection, outside, name)))
    const lost = repos.find((one) => 'problem' in one)
    if (lost && 'problem' in lost) return lost
    return { account: who.account, notes: [...who.notes, ...repos.flatMap((one) => ('note' in one ? [one.note] : []))] }
  } catch (error) {
    if (error instanceof TokenRefused) return { problem: error.message }
    throw error
  }
}

const formFlaw = (connection: Asker): string | null => {
  const { settings, secrets } = connection
  const flaw = baseFlaw(settings['base'] ?? '')
  if (flaw !== null) return flaw
  const odd = reposIn(settings).find((name) => !isRepoName(name))
  if (odd !== undefined) return `"${odd}" is not of the form owner/name.`
  if (!isApp(connection))
    return secrets['token'] ? null : 'A token is needed, or an App with its id, installation and key.'
  if (secrets['token']) return 'It has a token and an App: give one of the two.'
  for (const name of ['app', 'installation'])
    if (!/^\d{1,15}$/.test(settings[name] ?? '')) return `An App needs its ${name} id, a number.`
  if (!/^-----BEGIN (RSA )?PRIVATE KEY-----/.test(secrets['private_key'] ?? ''))
    return 'The private key of the App is a .pem file that begins with -----BEGIN RSA PRIVATE KEY-----.'
  return null
}

type Who = { readonly account: Account; readonly notes: string[] } | { readonly problem: string }

const asUser = async (connection: Asker, outside: Outside): Promise<Who> => {
  const said = await who(connection, outside)
  if ('problem' in said) return said
  const { account, told } = said
  // Only a classic token tells its scopes.
  const scopes = told.came.headers['x-oauth-scopes']
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  if (scopes && scopes.length > 0 && !scopes.includes('repo') && !scopes.includes('public_repo'))
    return {
      problem: `The token has the scopes ${scopes.join(', ')}; it needs repo (or public_repo for public repositories).`,
    }
  return {
    account,
    notes: [
      ...(told.isBot
        ? []
        : [
            `What ${account.name} does at GitHub counts as done by Viewport itself and starts nothing. Give Viewport an account of its own, or an App, when ${account.name} is a person.`,
          ]),
      ...(scopes?.includes('repo')
        ? ['The token reaches every repository of its account; a fine-grained one can be narrower.']
        : []),
      'github.report_check needs an App: GitHub lets no token report checks.',
    ],
  }
}

/** What actions need of an App. */
const needed = { contents: 'read', issues: 'write', pull_requests: 'write', checks: 'write', metadata: 'read' } as const

const asApp = async (connection: Asker, outside: Outside): Promise<Who> => {
  const { settings } = connection
  const ask = async (path: string): Promise<Came> =>
    askWith({ settings, token: await appWord(connection) }, outside, 'GET', path)
  const [app, installation] = [await ask('/app'), await ask(`/app/installations/${settings['installation']}`)]
  const slug = (app.body as { slug?: unknown } | null)?.slug
  if (app.status !== 200 || typeof slug !== 'string') return { problem: refusedWords(app, baseOf(settings)) }
  if (installation.status !== 200)
    return {
      problem: `The App has no installation ${settings['installation']} (GitHub answered ${installation.status}).`,
    }
  const has = ((installation.body as { permissions?: unknown } | null)?.permissions ?? {}) as Record<string, string>
  const lacking = Object.entries(needed).flatMap(([name, level]) =>
    has[name] === 'write' || has[name] === 'admin' || has[name] === level ? [] : [`${name}: ${level}`],
  )
  const bot = await askerFor(connection, outside)('GET', `/users/${encodeURIComponent(`${slug}[bot]`)}`)
  const id = (bot.body as { id?: unknown } | null)?.id
  if (bot.status !== 200 || typeof id !== 'number')
    return {
      problem: `The account ${slug}[bot] of the App is not found (GitHub answered ${bot.status}), so that its own doings could not be told apart.`,
    }
  const owner = (installation.body as { account?: { login?: unknown } | null } | null)?.account?.login
  return {
    account: { id: String(id), name: `${slug}[bot]`, ...(typeof owner === 'string' && { owner }) },
    notes: lacking.length > 0 ? [`The App lacks permissions that actions need: ${lacking.join(', ')}.`] : [],
  }
}

/** May we see the repository, and write to it? */
const repoNote = async (
  connection: Asker,
  outside: Outside,
  name: string,
): Promise<{ note: string } | { problem: string } | Record<never, never>> => {
  const came = await askerFor(connection, outside)('GET', `/repos/${name}`)
  if (came.status !== 200) {
    const near = await nearRepository(connection, outside, name)
    return {
      problem: `${name} is not there, or this ${isApp(connection) ? 'App' : 'token'} may not see it (GitHub answered ${came.status}).${near === null ? '' : ` Is ${near} meant?`}`,
    }
  }
  const may = (came.body as { permissions?: { push?: boolean; triage?: boolean } } | null)?.permissions
  return may && may.push === false ? { note: `${name} can be read and not written: actions there will fail.` } : {}
}
