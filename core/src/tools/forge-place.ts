/**
 * On what at a forge (GitHub, GitLab) does an effect work, and may it?
 * Only on repositories that the workflow names and that are on this server, known by the address of their clone.
 */
import { trimmed } from '../trimmed.ts'
import { failed } from './ended.ts'
import type { Effect } from './port.ts'
import { URL } from './url.ts'

/** A server as repositories know it. */
export type Forge = {
  readonly title: string
  /** The host of pages and of git, with its port where it has one. */
  readonly host: string
  /** Another name that the same server has for ssh. */
  readonly sshHost?: string
  /** The form of a repository's name there. */
  isRepoName(name: string): boolean
}

/** The whole name there of a repository of the workflow, by its name in Viewport or there. Throws Ended. */
export const repoPlace = (effect: Pick<Effect, 'repos'>, forge: Forge, name: string): string => {
  const all = namesHere(effect, forge)
  const known = all.find((one) => one.name === name) ?? all.find((one) => same(one.full, name))
  if (known) return known.full
  throw outside(name, all, forge)
}

/**
 * The whole name there of a repository of the workflow, by its name there alone: a thread or a build is named as the forge names it, and a
 * repository that only Viewport calls so is another one. Throws Ended.
 */
export const placeThere = (effect: Pick<Effect, 'repos'>, forge: Forge, full: string): string => {
  const all = namesHere(effect, forge)
  const known = all.find((one) => same(one.full, full))
  if (known) return known.full
  throw outside(full, all, forge)
}

const outside = (name: string, all: readonly { readonly full: string }[], { host }: Forge) =>
  failed(
    'outside_workflow',
    `${name} is not among the repositories of the workflow at ${host} (${all.map((one) => one.full).join(', ') || 'none'}).`,
    'Name it under `repos` of the workflow when runs may write there.',
  )

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const namesHere = ({ repos }: Pick<Effect, 'repos'>, forge: Forge): { name: string; full: string }[] =>
  repos.flatMap(({ name, url }) => {
    const at = addressIn(url)
    // A clone on the disk has no host: its name must say which repository it is.
    const full = at === null ? name : isHere(at, forge) ? at.path : ''
    return forge.isRepoName(full) ? [{ name, full }] : []
  })

type Address = { readonly host: string; readonly path: string; readonly ssh: boolean }

/** The port of ssh says nothing about which server it is. */
const isHere = ({ host, ssh }: Address, { host: here, sshHost }: Forge): boolean =>
  ssh ? same(host, here.replace(/:\d+$/, '')) || (sshHost !== undefined && same(host, sshHost)) : same(host, here)

/** Host and path of a clone's address, of the web or of ssh; null for a folder. */
const addressIn = (url: string): Address | null => {
  const plain = (path: string): string => trimmed(path, '/').replace(/\.git$/, '')
  if (URL.canParse(url) && /^(https?|ssh|git):$/.test(new URL(url).protocol)) {
    const { host, hostname, protocol, pathname } = new URL(url)
    const web = protocol.startsWith('http')
    return { host: web ? host : hostname, path: plain(pathname), ssh: !web }
  }
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url)
  return short ? { host: short[1]!, path: plain(short[2]!), ssh: true } : null
}
