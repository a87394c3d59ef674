/**
 * Can this runner do this piece of work, and if not, what is missing?
 * Pure: the words go to the run page. It never looks at who is free.
 */
import type { Capabilities } from '@viewportai/core/wire/messages'

export type Wanted = {
  kind: string
  agent: string | null
  mode: string | null
  isolation: string | null
  requires: string[]
  repos: string[]
  runner: string | null
  pool: string
  /** Where the bodies of its run live; read where an ephemeral runner may ask. */
  bodies?: 'edge' | 'stored' | null
}
export type Offered = { runner: string; name: string; pool: string; repositories: string[]; capabilities: Capabilities }

/** The words for a repository that an admin has not let the runner use. */
export const lacksLeave = (repo: string): string => `leave to use the repository ${repo}`

const levels = ['none', 'user', 'sandbox', 'container']

/** The levels that a runner of this level satisfies. */
export const atLeast = (level: string): string[] => levels.slice(0, levels.indexOf(level) + 1)

/** What this runner lacks for this work, in words; empty when it fits. */
export const lacks = (work: Wanted, runner: Offered): string[] => {
  const missing: string[] = []
  const { agents, tools, labels, isolation, mode } = runner.capabilities
  if (work.pool !== runner.pool) missing.push(`pool ${work.pool}`)
  if (work.runner && work.runner !== runner.runner) missing.push('the runner the run began on')
  // What such a runner kept would be gone with it, and nobody could look at what they decide on.
  if (mode === 'ephemeral' && work.bodies === 'edge')
    missing.push('a disk that stays (it is ephemeral, and the bodies of this run are kept on the runner)')
  if (work.agent) {
    const agent = agents.find((a) => a.name === work.agent)
    if (!agent?.usable) missing.push(`agent ${work.agent}${agent ? ` (${agent.note ?? 'found, not usable'})` : ''}`)
    else if (work.mode && !(agent.modes as string[]).includes(work.mode))
      missing.push(`agent ${work.agent} for ${work.mode}`)
  }
  if (work.isolation && levels.indexOf(isolation.level) < levels.indexOf(work.isolation))
    missing.push(`isolation ${work.isolation}`)
  for (const repo of work.repos) if (!runner.repositories.includes(repo)) missing.push(lacksLeave(repo))
  for (const wish of work.requires) if (!labels.includes(wish) && !hasTool(tools, wish)) missing.push(wish)
  return missing
}

const hasTool = (tools: Capabilities['tools'], wish: string): boolean => {
  const read = /^([\w.+-]+?)(?:\s*(>=|=)\s*(\d+(?:\.\d+)*))?$/.exec(wish)
  const tool = read && tools.find((t) => t.name === read[1])
  if (!read || !tool) return false
  if (!read[2]) return true
  const found = /\d+(?:\.\d+)*/.exec(tool.version ?? '')?.[0]
  if (!found) return false
  const order = compare(found, read[3]!)
  return read[2] === '=' ? order === 0 || found.startsWith(`${read[3]}.`) : order >= 0
}

const compare = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Why nobody takes this work: the least that is missing, over all runners of the workspace. Null when somebody fits. */
export const whyNobody = (work: Wanted, runners: readonly (Offered & { online: boolean })[]): string | null => {
  if (runners.length === 0) return `No runner fits: no runner is paired. Run \`vpd pair --worker\` on a machine.`
  const rated = runners.map((runner) => ({ runner, missing: lacks(work, runner) }))
  const fitting = rated.filter((r) => r.missing.length === 0)
  if (fitting.some((r) => r.runner.online)) return null
  if (fitting.length > 0)
    return `No runner fits now: ${fitting.map((r) => r.runner.name).join(', ')} ${fitting.length === 1 ? 'is' : 'are'} away.`
  const nearest = rated.toSorted((a, b) => a.missing.length - b.missing.length)[0]!
  return `No runner fits: ${nearest.runner.name} lacks ${nearest.missing.join(', ')}.`
}
