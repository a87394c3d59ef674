/** Which credentials does this machine have, as people may see them? One list over all places; no value is in it. */
import type { Listed } from './classes.ts'
import { lastUse } from './last-used.ts'
import { KeysUnusable, keysOf, readKeys } from './model-keys.ts'
import { providerCredentials } from './provider-credentials.ts'
import { agentsWithLogins, loginFiles } from './logins.ts'
import type { ToolRule, ToolRules } from './tool-setup.ts'
import { listTokens } from './repository-tokens.ts'

/** All of them: keys of models and secrets of tools of the home, then tokens of each pairing's folder. `tools`: of the policy. */
export const listCredentials = async (
  home: string,
  folders: readonly string[],
  tools: ToolRules,
): Promise<Listed[]> => [
  ...(await modelKeys(home)),
  ...(await toolSecrets(home, tools)),
  ...(await providers(home)),
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

const toolSecrets = async (home: string, tools: ToolRules): Promise<Listed[]> =>
  Promise.all(
    // That the file cannot be used is told with the keys of models.
    (await keysOf(home, 'tool').catch(() => [])).map(async ({ name, source, set, why }) => ({
      class: 'tool' as const,
      scope: name,
      source,
      url: null,
      set,
      lastUsed: await lastUse(home, 'tool', name),
      note: why !== null ? `cannot be used: ${why}` : usersOf(Object.hasOwn(tools, name) ? tools[name] : undefined),
    })),
  )

const providers = async (home: string): Promise<Listed[]> =>
  Promise.all(
    (await providerCredentials(home).catch(() => [])).map(async ({ at, actions, account, key }) => ({
      class: 'provider' as const,
      scope: key.name,
      source: key.source,
      url: at,
      set: key.set,
      lastUsed: await lastUse(home, 'provider', key.name),
      note:
        key.why !== null
          ? `cannot be used: ${key.why}`
          : `for ${actions.join(', ')}${account === null ? '' : `; as ${account.name}`}`,
    })),
  )

const usersOf = (rule: ToolRule | undefined): string => {
  const users = rule ? [...(rule.checks ? ['checks'] : []), ...rule.agents] : []
  return users.length === 0 ? 'handed to nobody: `tools` in the policy says to whom' : `for ${users.join(', ')}`
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
