/**
 * What has the workspace chosen for all its runs, and how is a choice changed?
 * A change holds for runs that start afterwards: what a run began with is pinned in its spec. What may leave holds for every step that begins. Each is a fact.
 */
import type { z } from 'zod'
import type { WorkspaceView } from '@viewportai/core/api/workspace'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'

type Choices = z.infer<typeof WorkspaceView>
type ChoiceChange = Partial<
  Pick<Choices, 'bodies' | 'leaves' | 'defaultPool' | 'defaultAgents' | 'packetBodies' | 'caps'>
>

/** The names under which choices are kept beside the column `bodies`. */
export const settingNames = {
  leaves: 'leaves',
  defaultPool: 'default_pool',
  defaultAgents: 'default_agents',
  packetBodies: 'packet_bodies',
  caps: 'action_caps',
} as const

/** Summaries and reasons leave unless somebody says otherwise: decisions/012. */
const leavesByDefault = 'excerpt'

/** How much may leave the runners of the workspace, for work that is offered now. */
export const readLeaves = async (tx: Tx): Promise<Choices['leaves']> => {
  const { rows } = await tx.query<{ value: Choices['leaves'] }>(
    { name: 'what may leave', text: 'select value from vp.settings where workspace = $1 and name = $2' },
    [tx.workspace, settingNames.leaves],
  )
  return rows[0]?.value ?? leavesByDefault
}

/** How often actions may be done in an hour, where the workspace chose otherwise than their forms say. */
export const readCaps = async (tx: Tx): Promise<Choices['caps']> => {
  const { rows } = await tx.query<{ value: Choices['caps'] }>(
    { name: 'caps of actions', text: 'select value from vp.settings where workspace = $1 and name = $2' },
    [tx.workspace, settingNames.caps],
  )
  return rows[0]?.value ?? {}
}

export const readChoices = async (tx: Tx): Promise<Choices> => {
  const { rows } = await tx.query<Omit<Choices, 'id'> & { workspace: string }>(
    `select workspace, slug, name, sample, bodies, ${Object.entries(settingNames)
      .map(
        ([key, name]) => `(select value from vp.settings s where s.workspace = $1 and s.name = '${name}') as "${key}"`,
      )
      .join(', ')} from vp.workspaces where workspace = $1`,
    [tx.workspace],
  )
  const { workspace, leaves, defaultAgents, packetBodies, caps, ...rest } = rows[0]!
  return {
    ...rest,
    id: workspace,
    leaves: leaves ?? leavesByDefault,
    defaultAgents: defaultAgents ?? {},
    packetBodies: packetBodies ?? false,
    caps: caps ?? {},
  }
}

/** Changes what is named. A pool must be there; an agent need not, the readiness of each workflow says whether it is. */
export const changeChoices = async (tx: Tx, asker: Asker, change: ChoiceChange): Promise<Choices | Refusal> => {
  if (change.defaultPool) {
    const { rowCount } = await tx.query('select from vp.pools where workspace = $1 and name = $2', [
      tx.workspace,
      change.defaultPool,
    ])
    if (rowCount === 0) return refuse('not_found', { what: 'pool', id: change.defaultPool })
  }
  const before = await readChoices(tx)
  if (change.bodies !== undefined)
    await tx.query('update vp.workspaces set bodies = $2 where workspace = $1', [tx.workspace, change.bodies])
  for (const [key, name] of Object.entries(settingNames) as [keyof typeof settingNames, string][]) {
    const value = change[key]
    if (value === null)
      await tx.query('delete from vp.settings where workspace = $1 and name = $2', [tx.workspace, name])
    else if (value !== undefined)
      await tx.query(
        `insert into vp.settings (workspace, name, value) values ($1, $2, $3)
          on conflict (workspace, name) do update set value = excluded.value, changed_at = vp.now_ms()`,
        [tx.workspace, name, JSON.stringify(value)],
      )
  }
  for (const [name, value] of Object.entries(change))
    if (JSON.stringify(before[name as keyof ChoiceChange]) !== JSON.stringify(value))
      record(tx, { type: 'setting.changed', by: asPerson(asker), data: { name, value } })
  tx.nudge('workflow', '*')
  return readChoices(tx)
}
