/**
 * Can this runner do this piece of work, and if not, what is missing?
 * Pure: the words go to the run page. It never looks at who is free (why-waiting.ts does).
 */
import { atLeast } from '@viewportai/core/run/wall-level'
import { chosen, neededIn, type Needed } from '@viewportai/core/wire/holding'
import { isSameModel } from '@viewportai/core/wire/model-name'
import type { Capabilities } from '@viewportai/core/wire/messages'

export type Wanted = {
  kind: string
  agent: string | null
  mode: string | null
  /** The model that the step asks for, as its provider calls it. */
  model: string | null
  isolation: string | null
  requires: string[]
  repos: string[]
  runner: string | null
  pool: string
  /** Where the bodies of its run live; read where an ephemeral runner may ask. */
  bodies?: 'edge' | 'stored' | null
}
export type Offered = {
  runner: string
  name: string
  pool: string
  repositories: string[]
  capabilities: Capabilities
  /** Set when an admin let agents work there without a wall. */
  noWall: object | null
}

/** The words for a repository that an admin has not let the runner use. */
export const lacksLeave = (repo: string): string => `leave to use the repository ${repo}`
/** The words for a runner on which nothing walls agents off, and that nobody accepted so. */
export const lacksWall = 'a wall around agents (an admin may accept it without one)'

/** The agent of the sample does what is written in it, and needs no wall. */
const harmless = 'sample'

/** May this agent work on this runner, as far as a wall goes? */
export const isWalledFor = (agent: string, { capabilities, noWall }: Pick<Offered, 'capabilities' | 'noWall'>) =>
  agent === harmless || noWall !== null || capabilities.isolation.level !== 'none'

/** What this runner lacks for this work, in words; empty when it fits. */
export const lacks = (work: Wanted, runner: Offered): string[] => {
  const missing: string[] = []
  const { agents, isolation, mode } = runner.capabilities
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
    else if (work.model && !offersModel(agent.models, work.model))
      missing.push(
        `model ${work.model} for ${work.agent}${agent.models ? '' : ' (which takes no model by name there)'}`,
      )
    if (!isWalledFor(work.agent, runner)) missing.push(lacksWall)
  }
  if (work.isolation && !(atLeast(isolation.level) as string[]).includes(work.isolation))
    missing.push(`isolation ${work.isolation} (it has ${isolation.level})`)
  for (const repo of work.repos) if (!runner.repositories.includes(repo)) missing.push(lacksLeave(repo))
  for (const wish of work.requires) {
    const needed = neededIn(wish)
    const why = needed ? without(runner.capabilities, needed) : unmet(runner.capabilities, wish)
    if (why !== null) missing.push(why)
  }
  return missing
}

/** What a runner lacks to act at a tool; null: it holds the credential. */
const without = ({ holds = [] }: Capabilities, needed: Needed): string | null => {
  const found = chosen(holds, needed)
  return 'lacks' in found ? `${found.lacks} (there: \`vpd credentials set provider ${needed.tool}\`)` : null
}

/** Is it among those of the agent there? A date behind the name is a version of the same model. */
export const offersModel = (models: readonly string[] | undefined, wanted: string): boolean =>
  (models ?? []).some((one) => isSameModel(one, wanted))

type Found = { readonly name: string; readonly version: string | null }

/**
 * A word of `requires` that this runner does not meet, with what it has instead; null when it meets it. A word is a label, a tool
 * or an agent that may be used, the last two with or without a version.
 */
const unmet = ({ labels, tools, agents }: Capabilities, wish: string): string | null => {
  if (labels.includes(wish)) return null
  const read = /^([\w.+-]+?)(?:\s*(>=|<=|=|>|<)\s*(\d+(?:\.\d+)*))?$/.exec(wish)
  const known: Found[] = [...tools, ...agents.filter((agent) => agent.usable)]
  const found = known.filter((one) => one.name === read?.[1])
  if (!read || found.length === 0) return wish
  const [, , sign, version] = read
  if (!sign || found.some((one) => fitsVersion(one.version, sign, version!))) return null
  return `${wish} (it has ${found[0]!.version ?? 'a version nobody could read'})`
}

/** `=` takes what begins so: 22 is every 22.x. */
const fitsVersion = (has: string | null, sign: string, wanted: string): boolean => {
  const found = /\d+(?:\.\d+)*/.exec(has ?? '')?.[0]
  if (!found) return false
  const order = compare(found, wanted)
  const begins = order === 0 || found.startsWith(`${wanted}.`)
  if (sign === '=') return begins
  if (sign === '>=') return order >= 0
  if (sign === '<') return order < 0
  return sign === '>' ? order > 0 && !begins : order < 0 || begins
}

const compare = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
