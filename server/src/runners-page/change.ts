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
  record(tx, { type: 'runner.drained', by: asPerson(asker), data: { runner, drain } })
  tx.nudge('runner', runner)
  if (!drain) tx.nudge('work', '*')
  return null
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
