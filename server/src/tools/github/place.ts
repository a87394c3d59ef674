/**
 * On what at GitHub does an effect work, and may it?
 * Only on repositories that the workflow names and that are on this GitHub, known by the address of their clone.
 */
import { failed } from '../ended.ts'
import { isRepoName } from './fields.ts'
import type { Connection, Effect } from '../port.ts'
import { webHostOf } from './rest.ts'

/** owner/name of a repository of the workflow, by its name in Viewport. Throws Ended. */
export const repoPlace = (effect: Effect, { settings }: Connection, name: string): string => {
  const known = namesHere(effect, settings).find((one) => one.name === name || same(one.full, name))
  if (!known) throw outside(name, effect, settings)
  return known.full
}

/** owner/name and number of an issue or pull request. Throws Ended. */
export const threadPlace = (effect: Effect, { settings }: Connection): { repo: string; number: number } => {
  const named = /^([^#\s]{3,201})#([1-9]\d{0,9})$/.exec(effect.target)
  if (!named)
    throw failed(
      'no_thread',
      `${effect.target} is no issue and no pull request of GitHub.`,
      'Say on which one with `on: owner/name#number`.',
    )
  const known = namesHere(effect, settings).find((one) => same(one.full, named[1]!))
  if (!known) throw outside(named[1]!, effect, settings)
  return { repo: known.full, number: Number(named[2]) }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const outside = (name: string, effect: Effect, settings: Connection['settings']) =>
  failed(
    'outside_workflow',
    `${name} is not among the repositories of the workflow at ${webHostOf(settings)} (${
      namesHere(effect, settings)
        .map((one) => one.full)
        .join(', ') || 'none'
    }).`,
    'Name it under `repos` of the workflow when runs may write there.',
  )

const namesHere = ({ repos }: Effect, settings: Connection['settings']): { name: string; full: string }[] =>
  repos.flatMap(({ name, url }) => {
    const at = addressIn(url)
    // A clone on the disk has no host: its name must say which repository it is.
    const full = at === null ? name : isHere(at, webHostOf(settings)) ? at.path : ''
    return isRepoName(full) ? [{ name, full }] : []
  })

type Address = { readonly host: string; readonly path: string; readonly ssh: boolean }

/** The port of ssh says nothing about which GitHub it is. */
const isHere = ({ host, ssh }: Address, here: string): boolean =>
  same(ssh ? host.replace(/^ssh\.github\.com$/, 'github.com') : host, ssh ? here.replace(/:\d+$/, '') : here)

/** Host and path of a clone's address, of the web or of ssh; null for a folder. */
const addressIn = (url: string): Address | null => {
  const plain = (path: string): string => path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  if (URL.canParse(url) && /^(https?|ssh|git):$/.test(new URL(url).protocol)) {
    const { host, hostname, protocol, pathname } = new URL(url)
    const web = protocol.startsWith('http')
    return { host: web ? host : hostname, path: plain(pathname), ssh: !web }
  }
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url)
  return short ? { host: short[1]!, path: plain(short[2]!), ssh: true } : null
}
