/**
 * What exists in a workspace that a workflow can name?
 * One reading for readiness and for the pins of a run: repositories, runners by pool, people, teams, sources, the workspace's choices.
 */
import type { Places } from '@viewportai/core/tools/place'
import type { Account } from '@viewportai/core/tools/port'
import type { Capabilities } from '@viewportai/core/wire/messages'
import type { Tx } from '../database/tenant.ts'
import { principalsOf } from '../people/principals.ts'
import { readPeople, readTeams, type PersonView, type TeamView } from '../people/read.ts'
import { settingNames } from '../workspace/choices.ts'

type KnownRepo = {
  readonly repo: string
  readonly name: string
  readonly url: string
  readonly defaultBranch: string
  /** `base`: agents may load its own settings, as they are on its default branch. */
  readonly agentSettings: 'off' | 'base'
}
type PooledRunner = {
  readonly runner: string
  readonly name: string
  readonly pool: string
  readonly online: boolean
  /** Id of the person it belongs to; null: nobody in particular. */
  readonly owner: string | null
  readonly repositories: string[]
  readonly capabilities: Capabilities
  readonly noWall: object | null
}

type KnownConnection = {
  readonly tool: string
  readonly name: string
  /** A runner holds its credential. */
  readonly held: boolean
  readonly settings: Readonly<Record<string, string>>
  readonly account: Account | null
  /** Numbers of the repositories that it has seen, by their names. */
  readonly places: Places
}

export type World = {
  readonly repositories: readonly KnownRepo[]
  /** Those that were not removed. */
  readonly runners: readonly PooledRunner[]
  readonly people: readonly PersonView[]
  readonly teams: readonly TeamView[]
  /** Names of webhook sources. */
  readonly sources: readonly string[]
  /** Connections to outside tools, webhook targets among them. */
  readonly connections: readonly KnownConnection[]
  /** The pool of a workflow that names none. */
  readonly defaultPool: string
  /** The agent of a step that names none, by mode, where the workspace chose one. */
  readonly agents: Readonly<Partial<Record<string, string>>>
  readonly bodies: 'edge' | 'stored'
  readonly sample: boolean
  /** Where people reach this Viewport, or null before its first start said so. */
  readonly address: string | null
}

const repositories = {
  name: 'world repositories',
  text: 'select repo, name, url, default_branch as "defaultBranch", agent_settings as "agentSettings" from vp.repositories where workspace = $1 order by name',
}
const runners = {
  name: 'world runners',
  text: `select runner, name, pool, online, owner, repositories, capabilities, no_wall as "noWall" from vp.runners where workspace = $1 and state <> 'removed' order by paired_at, runner`,
}
const rest = {
  name: 'world rest',
  text: `select w.bodies, w.sample, (select address from vp.installation) as address, array(select name from vp.sources s where s.workspace = $1 and s.connection is null and s.removed_at is null) as sources,
      (select coalesce(json_agg(json_build_object('tool', c.tool, 'name', c.name, 'held', c.held, 'settings', c.settings, 'account', c.account, 'places', c.places)), '[]') from vp.connections c where c.workspace = $1 and c.removed_at is null) as connections,
      (select value from vp.settings s where s.workspace = $1 and s.name = '${settingNames.defaultPool}') as pool, (select value from vp.settings s where s.workspace = $1 and s.name = '${settingNames.defaultAgents}') as agents
    from vp.workspaces w where w.workspace = $1`,
}

type Rest = {
  address: string | null
  bodies: World['bodies']
  sample: boolean
  sources: string[]
  connections: World['connections']
  pool: string | null
  agents: World['agents'] | null
}

/** Asked in one breath: a statement sees what was committed when it began, so the parts may differ by what changes meanwhile, as they would one by one. */
export const readWorld = async (tx: Tx): Promise<World> => {
  const [known, pooled, found, people, teams] = await Promise.all([
    tx.query<KnownRepo>(repositories, [tx.workspace]),
    tx.query<PooledRunner>(runners, [tx.workspace]),
    tx.query<Rest>(rest, [tx.workspace]),
    readPeople(tx),
    readTeams(tx),
  ])
  const row = found.rows[0]!
  const pools = [...new Set(pooled.rows.map((runner) => runner.pool))]
  return {
    repositories: known.rows,
    runners: pooled.rows,
    people,
    teams,
    sources: row.sources,
    connections: row.connections,
    // Without a choice: the only pool there is, else the one called "default".
    defaultPool: row.pool ?? (pools.length === 1 ? pools[0]! : 'default'),
    agents: row.agents ?? {},
    bodies: row.bodies,
    sample: row.sample,
    address: row.address,
  }
}

/** Who holds one of these principals, of those who are here now. */
export const holders = (world: Pick<World, 'people'>, principals: readonly string[]): PersonView[] =>
  world.people.filter((one) => one.active && principalsOf(one).some((principal) => principals.includes(principal)))

/** The agent that carries out a step: the step's own, the workspace's for the mode, else the first of the pool that can. Null: there is none. */
export const agentFor = (
  world: Pick<World, 'agents' | 'runners'>,
  pool: string,
  step: { readonly agent: string | null; readonly mode: string },
): string | null =>
  step.agent ??
  world.agents[step.mode] ??
  world.runners
    .filter((runner) => runner.pool === pool)
    .flatMap((runner) => runner.capabilities.agents)
    .find((agent) => agent.usable && (agent.modes as string[]).includes(step.mode))?.name ??
  null
