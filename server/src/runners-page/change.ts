/**
 * How is a runner taken out of work, or out of the workspace?
 * Drained, it finishes what it has; removed, its next call is refused and what it held is lost at once, so that others can go on.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { endLease } from '../wire/lost.ts'
import { giveOrder } from '../wire/orders.ts'

/** No new work (`drain`), or work again. */
export const drainRunner = async (tx: Tx, asker: Asker, runner: string, drain: boolean): Promise<Refusal | null> => {
  const { rowCount } = await tx.query(
    `update vp.runners set state = $3 where workspace = $1 and runner = $2 and state <> 'removed'`,
    [tx.workspace, runner, drain ? 'draining' : 'active'],
  )
  if (rowCount === 0) return refuse('not_found', { what: 'runner', id: runner })
  if (drain) await giveOrder(tx, runner, { order: 'drain' }, 86_400_000)
  else {
    // An order it has not heard yet would end it after it was let work again.
    await tx.query(
      `update vp.orders set done_at = vp.now_ms() where workspace = $1 and runner = $2 and done_at is null and body ->> 'order' = 'drain'`,
      [tx.workspace, runner],
    )
    tx.nudge('work', '*')
  }
  record(tx, { type: 'runner.drained', by: asPerson(asker), data: { runner, drain } })
  tx.nudge('runner', runner)
  return null
}

type RunnerChange = {
  readonly repositories?: readonly string[]
  readonly pool?: string
  readonly acceptNoWall?: boolean
  readonly lookedAfter?: true
}

/** Sets what it may use and where it works, from its next lease on. */
export const changeRunner = async (
  tx: Tx,
  asker: Asker,
  runner: string,
  { repositories, pool, acceptNoWall, lookedAfter }: RunnerChange,
): Promise<Refusal | null> => {
  if (acceptNoWall !== undefined) {
    const refusal = await waiveWall(tx, asker, runner, acceptNoWall)
    if (refusal) return refusal
  }
  if (lookedAfter) {
    const refusal = await closeAlarm(tx, asker, runner)
    if (refusal) return refusal
  }
  if (repositories === undefined && pool === undefined) {
    tx.nudge('runner', runner)
    tx.nudge('work', '*')
    return (await exists(tx, runner)) ? null : refuse('not_found', { what: 'runner', id: runner })
  }
  const unknown = await unknownRepository(tx, repositories ?? [])
  if (unknown !== null) return refuse('not_found', { what: 'repository', id: unknown })
  if (pool !== undefined)
    await tx.query(
      `insert into vp.pools (workspace, name) select $1, $2 from vp.runners where workspace = $1 and runner = $3 and state <> 'removed' on conflict do nothing`,
      [tx.workspace, pool, runner],
    )
  const { rows } = await tx.query<{ pool: string; repositories: string[] }>(
    `update vp.runners set pool = coalesce($3, pool), repositories = coalesce($4, repositories) where workspace = $1 and runner = $2 and state <> 'removed' returning pool, repositories`,
    [tx.workspace, runner, pool ?? null, repositories ?? null],
  )
  const now = rows[0]
  if (!now) return refuse('not_found', { what: 'runner', id: runner })
  record(tx, { type: 'runner.changed', by: asPerson(asker), data: { runner, ...now } })
  tx.nudge('runner', runner)
  tx.nudge('work', '*')
  return null
}

const exists = async (tx: Tx, runner: string): Promise<boolean> =>
  (
    await tx.query(`select from vp.runners where workspace = $1 and runner = $2 and state <> 'removed'`, [
      tx.workspace,
      runner,
    ])
  ).rowCount === 1

/** Lets agents work on it though nothing walls them off from its machine, or takes that back. A runner that has a wall needs no such word, so none is kept for the day it loses it. */
export const waiveWall = async (tx: Tx, asker: Asker, runner: string, waived: boolean): Promise<Refusal | null> => {
  const { rows } = await tx.query<{ name: string; level: string; now: boolean }>(
    `select name, capabilities #>> '{isolation,level}' as level, no_wall is not null as now from vp.runners where workspace = $1 and runner = $2 and state <> 'removed' for update`,
    [tx.workspace, runner],
  )
  const row = rows[0]
  if (!row) return refuse('not_found', { what: 'runner', id: runner })
  if (waived && row.level !== 'none')
    return refuse('invalid', {
      where: 'acceptNoWall',
      why: `${row.name} holds agents behind a wall (${row.level}); there is nothing to accept`,
    })
  if (waived === row.now) return null
  // Else whoever stole the token would first make it decide again.
  if (!waived && asker.token === 'local') return refuse('browser_needed')
  await tx.query(
    `update vp.runners set no_wall = case when $3 then json_build_object('by', $4::text, 'at', vp.now_ms()) end where workspace = $1 and runner = $2`,
    [tx.workspace, runner, waived, asker.person],
  )
  record(tx, { type: 'runner.wall_waived', by: asPerson(asker), data: { runner, waived } })
  return null
}

const closeAlarm = async (tx: Tx, asker: Asker, runner: string): Promise<Refusal | null> => {
  const { rowCount } = await tx.query(
    'update vp.runners set doubled = null where workspace = $1 and runner = $2 and doubled is not null',
    [tx.workspace, runner],
  )
  if (rowCount) record(tx, { type: 'runner.alarm_closed', by: asPerson(asker), data: { runner } })
  return null
}

/** The first of these names that no repository of the workspace has, or null. */
export const unknownRepository = async (tx: Tx, names: readonly string[]): Promise<string | null> => {
  const { rows } = await tx.query<{ name: string }>(
    'select n as name from unnest($2::text[]) n where not exists (select from vp.repositories where workspace = $1 and name = n) limit 1',
    [tx.workspace, names],
  )
  return rows[0]?.name ?? null
}

/** Ends the runner's membership. */
export const removeRunner = async (tx: Tx, asker: Asker, runner: string): Promise<Refusal | null> => {
  const { rowCount } = await tx.query(
    `update vp.runners set state = 'removed', online = false, removed_at = vp.now_ms() where workspace = $1 and runner = $2 and state <> 'removed'`,
    [tx.workspace, runner],
  )
  if (rowCount === 0) return refuse('not_found', { what: 'runner', id: runner })
  const { rows } = await tx.query<{ lease: string }>(
    `select lease from vp.leases where workspace = $1 and runner = $2 and state in ('offered', 'held') order by lease`,
    [tx.workspace, runner],
  )
  for (const { lease } of rows) await endLease(tx, lease, `@${asker.handle} removed the runner from the workspace.`)
  record(tx, { type: 'runner.removed', by: asPerson(asker), data: { runner, why: `Removed by @${asker.handle}.` } })
  tx.nudge('runner', runner)
  return null
}
