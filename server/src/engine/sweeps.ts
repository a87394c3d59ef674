/**
 * What must be looked after although nobody asks?
 * Gates whose time has come, cancels that no runner answered, deliveries and due rows that were left behind, what is old.
 * Each finds ids over all workspaces by a look-up function and then works inside one workspace.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { forgetSeen, rememberedMillis } from '../deliveries/seen.ts'
import { act } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import { forgetOldSecrets } from '../sources/old-secrets.ts'
import { forgetOldSending } from '../tools/sending.ts'
import type { Stuck } from '../stuck.ts'
import { inside, workOff } from '../work-off.ts'
import { seldomMillis } from '../whispers/note.ts'
import { closeDue, enqueueAgain, withEngineAtMost, workflowId } from './due.ts'
import { kinds, type Engine, type Kind } from './port.ts'

type Row = Record<string, string>
const found = async <R extends object = Row>(db: Database, text: string, values: unknown[]): Promise<R[]> =>
  (await db.app.query<R & Row>(text, values)).rows

type RunRow = { workspace: string; run: string }
type GateRow = RunRow & { gate: string }

/** Reminds, expires and escalates gates by the database's clock. Answers how many were looked at. */
export const sweepGates = (db: Database, stuck: Stuck, each = 200): Promise<number> =>
  workOff<GateRow>(stuck, 'gate', {
    each,
    find: (most, but) => found(db, 'select workspace, run, gate from vp.gates_over($1, $2)', [most, but]),
    name: ({ gate }) => gate,
    room: inside,
    one: (row) => sweepGate(db, row),
  })

const sweepGate = async (db: Database, { workspace, run, gate }: GateRow): Promise<string | void> => {
  const [state, now] = await inWorkspace(
    db,
    workspace,
    async (tx) =>
      [await loadRun(tx, run), (await tx.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now] as const,
  )
  const held = state?.gates[gate]
  if (!held || held.state !== 'open') return 'its row is open, in the state of its run it is not'
  const command = held.expiresAt !== null && held.expiresAt <= now ? 'expire' : 'remind'
  const { facts, refusal } = await act(db, { workspace, run, command: { do: command, gate } })
  return facts.length > 0 ? undefined : `its time has come, and to ${command} it changes nothing: ${refusal?.words}`
}

/** Ends runs whose cancel no runner has answered for this long (ms). */
export const sweepCancels = (db: Database, stuck: Stuck, patienceMillis: number, each = 200): Promise<number> =>
  workOff<RunRow>(stuck, 'cancel', {
    each,
    find: (most, but) =>
      found(db, 'select workspace, run from vp.runs_cancelling(vp.now_ms() - $1, $2, $3)', [patienceMillis, most, but]),
    name: ({ run }) => run,
    room: inside,
    one: async ({ workspace, run }) => {
      const { facts, refusal } = await act(db, { workspace, run, command: { do: 'cancelNow' } })
      return facts.length > 0 ? undefined : `it cannot be ended: ${refusal?.words}`
    },
  })

/** More than any installation has. */
const workspacesAtMost = 1_000_000

/**
 * Starts the intake of workspaces with deliveries that nobody took for this long (ms): the replica that stored them has
 * gone, or could not start it. One whose intake was given up (`stuck` knows it as intake) waits its time.
 */
export const sweepDeliveries = (
  db: Database,
  engine: Pick<Engine, 'start'>,
  stuck: Stuck,
  olderMillis: number,
): Promise<number> =>
  workOff<{ workspace: string }>(stuck, 'intake to start', {
    each: 1,
    find: () =>
      found(db, 'select deliveries_waiting as workspace from vp.deliveries_waiting(vp.now_ms() - $1, $2)', [
        olderMillis,
        workspacesAtMost,
      ]),
    name: () => '',
    room: inside,
    one: async ({ workspace }) => {
      if (stuck.may('intake', workspace)) engine.start('intake', workspace, workspace)
    },
  })

type DueRow = { workspace: string; kind: Kind; key: string; at: number; enqueued_at: number | null }
/** What became of an engine id; absent ones are not in the map. */
export type Fates = (ids: string[]) => Promise<Map<string, 'waiting' | 'running' | 'done' | 'failed'>>

/** Tells the engine about due rows it was not told of, closes those it has finished, and hands back those it gave up. */
export const sweepDue = async (
  db: Database,
  stuck: Stuck,
  fates: Fates,
  gaveUp: (row: DueRow) => Promise<void>,
  patienceMillis = 30_000,
  each = 100,
): Promise<number> => {
  const idOf = (row: DueRow): string => workflowId(row.kind, row.workspace, row.key)
  let fate: Awaited<ReturnType<Fates>> = new Map()
  return workOff<DueRow>(stuck, 'due', {
    each,
    find: async (most, but) => {
      const rows = (
        await found<DueRow>(
          db,
          'select workspace, kind, key, at, enqueued_at from vp.due_waiting(vp.now_ms() - $1, $2, $3, $4)',
          [patienceMillis, most, withEngineAtMost, but],
        )
      ).filter((row) => kinds.includes(row.kind))
      fate = await fates(rows.map(idOf))
      return rows
    },
    name: idOf,
    room: inside,
    one: async (row) => {
      const became = fate.get(idOf(row))
      if (became === 'waiting' || became === 'running') return
      if (became === 'failed') await gaveUp(row)
      await inWorkspace(db, row.workspace, (tx) =>
        became === undefined ? enqueueAgain(tx, row.kind, row.key) : closeDue(tx, row.kind, row.key),
      )
    },
  })
}

/** Forgets what has no use any more: used proofs, counted tries, old pairings, ended sessions and links. */
export const sweepOld = async (db: Database, stuck: Stuck): Promise<void> => {
  await db.app.query('select vp.dpop_forget(), vp.pairings_forget()')
  await eachWorkspace(db, stuck, 'events to forget', (workspace) => forgetSeen(db, workspace))
  await eachWorkspace(db, stuck, 'old', (workspace) =>
    inWorkspace(db, workspace, async (tx) => {
      await tx.query('delete from vp.sessions where workspace = $1 and expires_at < vp.now_ms()', [workspace])
      await tx.query('delete from vp.sign_in_links where workspace = $1 and expires_at < vp.now_ms() - 86400000', [
        workspace,
      ])
      // A start of a making, or of an event that two connections tell, is known as long as the events that tell of it are.
      await tx.query(
        'delete from vp.starts where workspace = $1 and at < vp.now_ms() - 604800000 and (made is null and told is null or at < vp.now_ms() - $2)',
        [workspace, rememberedMillis + 86_400_000],
      )
      await tx.query('delete from vp.touched where workspace = $1 and at < vp.now_ms() - 604800000', [workspace])
      await tx.query('delete from vp.breakers where workspace = $1 and until < vp.now_ms() - 86400000', [workspace])
      // Whoever heard a word a day ago may hear the next one.
      await tx.query('delete from vp.whispers where workspace = $1 and asked_at <= vp.now_ms() - $2', [
        workspace,
        seldomMillis,
      ])
      await forgetOldSecrets(tx)
      await forgetOldSending(tx)
      await tx.query('delete from vp.looks where workspace = $1 and expires_at < vp.now_ms()', [workspace])
      // An hour later nobody asks any more who did not answer.
      await tx.query('delete from vp.errands where workspace = $1 and expires_at < vp.now_ms() - 3600000', [workspace])
      await tx.query(
        'delete from vp.orders where workspace = $1 and (done_at < vp.now_ms() - 86400000 or expires_at < vp.now_ms() - 86400000)',
        [workspace],
      )
    }),
  )
}

/** The same for every workspace; one in which it fails does not keep the others from their turn. */
export const eachWorkspace = (
  db: Database,
  stuck: Stuck,
  kind: string,
  sweep: (workspace: string) => Promise<unknown>,
): Promise<number> =>
  workOff<{ workspace: string }>(stuck, kind, {
    each: 1,
    find: () => found(db, 'select workspace_ids as workspace from vp.workspace_ids()', []),
    name: () => '',
    room: inside,
    one: async ({ workspace }) => void (await sweep(workspace)),
  })
