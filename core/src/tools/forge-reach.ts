/** Does a connection to a forge hold the repository that an effect is about? By its server, its list, what it has seen, and whose installation it is. */
import { placeThere, repoPlace, type Forge } from './forge-place.ts'
import type { About, Reach, Reaching } from './reaching.ts'

/** `listed`: the repositories that the connection is set to; `owner`: the only one whose repositories it can see, where that is known. */
export type ForgeReach = { readonly forge: Forge; readonly listed: readonly string[]; readonly owner: string | null }

export const forgeReach = ({ forge, listed, owner }: ForgeReach, { places }: Reaching, about: About): Reach => {
  const full = repositoryOf(about, forge)?.toLowerCase()
  if (full === undefined) return 'not'
  if (owner !== null && !full.startsWith(`${owner.toLowerCase()}/`)) return 'not'
  if (listed.some((one) => one.toLowerCase() === full)) return 'named'
  // What was seen may be the word of whoever can sign its webhooks: it says nothing beside what an admin has listed.
  return listed.length === 0 && places[full] !== undefined ? 'seen' : 'maybe'
}

/** Its whole name at this forge; undefined: it is none of the workflow's that are there. */
const repositoryOf = ({ target, params, repos }: About, forge: Forge): string | undefined => {
  // acme/shop#7, acme/shop@COMMIT, and a build as CI names it: "acme/shop@COMMIT build 7".
  const thread = /^([^#!@\s]+)[#!@\s]/.exec(target)?.[1]
  try {
    return thread === undefined
      ? repoPlace({ repos }, forge, String(params['repo'] ?? target))
      : placeThere({ repos }, forge, thread)
  } catch {
    return undefined
  }
}
