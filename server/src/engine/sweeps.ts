/**
 * What must be looked after although nobody asks?
 * Gates whose time has come, cancels that no runner answered, deliveries and due rows that were left behind, what is old.
 * Each finds ids over all workspaces by a look-up function and then works inside one workspace.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import { closeDue, enqueueAgain, workflowId } from './due.ts'
import { kinds, type Engine, type Kind } from './port.ts'

type Row = Record<string, string>
const found = async <R extends object = Row>(db: Database, text: string, values: unknown[]): Promise<R[]> =>
  (await db.app.query<R & Row>(text, values)).rows

/** Reminds, expires and escalates gates by the database's clock. Answers how many were acted on. */
export const sweepGates = async (db: Database, limit = 200): Promise<number> => {
  const rows = await found<{ workspace: string; run: string; gate: string; expired: boolean }>(
    db,
    'select workspace, run, gate from vp.gates_over($1)',
    [limit],
  )
  for (const { workspace, run, gate } of rows) {
    const [state, now] = await inWorkspace(
      db,
      workspace,
      async (tx) =>
        [await loadRun(tx, run), (await tx.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now] as const,
    )
    const held = state?.gates[gate]
    if (!held || held.state !== 'open') continue
    await act(db, {
      workspace,
      run,
      command: { do: held.expiresAt !== null && held.expiresAt <= now ? 'expire' : 'remind', gate },
    })
  }
  return rows.length
}

/** Ends runs whose cancel no runner has answered for this long (ms). */
export const sweepCancels = async (db: Database, patienceMillis: number, limit = 200): Promise<number> => {
  const rows = await found<{ workspace: string; run: string }>(
    db,
    'select workspace, run from vp.runs_cancelling(vp.now_ms() - $1, $2)',
    [patienceMillis, limit],
  )
  for (const { workspace, run } of rows) await act(db, { workspace, run, command: { do: 'cancelNow' } })
  return rows.length
}

/** Starts the intake of workspaces with deliveries that nobody took for this long (ms): the replica that stored them has gone. */
export const sweepDeliveries = async (db: Database, engine: Engine, olderMillis: number): Promise<number> => {
  const rows = await found<{ workspace: string }>(
    db,
    'select deliveries_waiting as workspace from vp.deliveries_waiting(vp.now_ms() - $1, 1000)',
    [olderMillis],
  )
  for (const { workspace } of rows) engine.start('intake', workspace, workspace)
  return rows.length
}

type DueRow = { workspace: string; kind: Kind; key: string; at: number; enqueued_at: number | null }
/** What became of an engine id; absent ones are not in the map. */
export type Fates = (ids: string[]) => Promise<Map<string, 'waiting' | 'running' | 'done' | 'failed'>>

/** Tells the engine about due rows it was not told of, closes those it has finished, and hands back those it gave up. */
export const sweepDue = async (
  db: Database,
  fates: Fates,
  gaveUp: (row: DueRow) => Promise<void>,
  patienceMillis = 30_000,
  limit = 500,
): Promise<number> => {
  const rows = await found<DueRow>(
    db,
    'select workspace, kind, key, at, enqueued_at from vp.due_waiting(vp.now_ms(), $1)',
    [limit],
  )
  const now = (await found<{ now: number }>(db, 'select vp.now_ms() as now', []))[0]!.now
  const stale = rows.filter(
    (row) => kinds.includes(row.kind) && (row.enqueued_at === null || row.enqueued_at < now - patienceMillis),
  )
  const fate = await fates(stale.map((row) => workflowId(row.kind, row.workspace, row.key)))
  for (const row of stale) {
    const became = fate.get(workflowId(row.kind, row.workspace, row.key))
    if (became === 'waiting' || became === 'running') continue
    if (became === 'failed') await gaveUp(row)
    await inWorkspace(db, row.workspace, (tx) =>
      became === undefined ? enqueueAgain(tx, row.kind, row.key) : closeDue(tx, row.kind, row.key),
    )
  }
  return stale.length
}

/** Forgets what has no use any more: used proofs, counted tries, old pairings, ended sessions and links. */
export const sweepOld = async (db: Database): Promise<void> => {
  await db.app.query('select vp.dpop_forget(), vp.pairings_forget()')
  for (const { workspace } of await found<{ workspace: string }>(
    db,
    'select workspace_ids as workspace from vp.workspace_ids()',
    [],
  )) {
    await inWorkspace(db, workspace, async (tx) => {
      await tx.query('delete from vp.sessions where workspace = $1 and expires_at < vp.now_ms()', [workspace])
      await tx.query('delete from vp.sign_in_links where workspace = $1 and expires_at < vp.now_ms() - 86400000', [
        workspace,
      ])
      await tx.query(
        'delete from vp.orders where workspace = $1 and (done_at < vp.now_ms() - 86400000 or expires_at < vp.now_ms() - 86400000)',
        [workspace],
      )
    })
  }
}
