/** Which credentials does this machine have, as people may see them? One list over all places; no value is in it. */
import type { Listed } from './classes.ts'
import { lastUse } from './last-used.ts'
import { KeysUnusable, readKeys } from './model-keys.ts'
import { agentsWithLogins, loginFiles } from './logins.ts'
import { listTokens } from './repository-tokens.ts'

/** All of them: keys of models of the home, then tokens of each pairing's folder. */
export const listCredentials = async (home: string, folders: readonly string[]): Promise<Listed[]> => [
  ...(await modelKeys(home)),
  ...(await Promise.all(folders.map(listTokens))).flat(),
]

const modelKeys = async (home: string): Promise<Listed[]> => {
  const keys = await readKeys(home).catch((error: unknown) => {
    if (error instanceof KeysUnusable) return error
    throw error
  })
  if (keys instanceof KeysUnusable)
    return [{ class: 'model', scope: '?', source: home, url: null, set: null, lastUsed: null, note: keys.message }]
  const first = new Map<string, string>()
  return Promise.all(
    keys.map(async ({ name, source, url, set, why }): Promise<Listed> => {
      const before = first.get(name)
      if (before === undefined) first.set(name, source)
      const note =
        why !== null ? `cannot be used: ${why}` : before === undefined ? null : `not used: ${before} comes first`
      return {
        class: 'model',
        scope: name,
        source,
        url,
        set,
        lastUsed: before === undefined ? await lastUse(home, 'model', name) : null,
        note,
      }
    }),
  )
}

/** Subscription logins of agents that are on this machine, and whether the policy lets them be used. */
export const listLogins = async (
  allowed: readonly string[],
): Promise<{ agent: string; files: string[]; used: boolean }[]> => {
  const all = await Promise.all(
    agentsWithLogins.map(async (agent) => ({ agent, files: await loginFiles(agent), used: allowed.includes(agent) })),
  )
  return all.filter(({ files }) => files.length > 0)
}
