/**
 * How does a person stop a run, or give it to another runner?
 * The wish is a fact at once. The runner hears it by order and by its next beat; when it does not answer, a sweep ends the run.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { giveOrder } from '../wire/orders.ts'
import { runCalled } from './read.ts'

/** Asks the run to stop. Asking again changes nothing. */
export const cancelRun = (db: Database, asker: Asker, called: string, reason: string): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const run = await runCalled(tx, called)
      if (typeof run !== 'string') return run
      const { refusal } = (await actIn(tx, [{ run, command: { do: 'cancel', by: asPerson(asker), reason } }]))[0]!
      if (refusal) return refusal
      await tellRunners(tx, run, reason || `Stopped by ${asker.name}.`)
      return null
    }),
  )

/** Whoever works on the run now is told twice: an order for now, and the lease for its next beat. */
export const tellRunners = async (tx: Tx, run: string, reason: string): Promise<void> => {
  const { rows } = await tx.query<{ lease: string; runner: string }>(
    `update vp.leases set cancel = $3 where workspace = $1 and run = $2 and state in ('offered', 'held') and cancel is null returning lease, runner`,
    [tx.workspace, run, reason],
  )
  for (const { lease, runner } of rows) await giveOrder(tx, runner, { order: 'cancel', run, lease, reason })
}

/** Lets another runner go on; null: any that fits. */
export const moveRun = (db: Database, asker: Asker, called: string, runner: string | null): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const run = await runCalled(tx, called)
      if (typeof run !== 'string') return run
      const known =
        runner === null ||
        (
          await tx.query(`select from vp.runners where workspace = $1 and runner = $2 and state <> 'removed'`, [
            tx.workspace,
            runner,
          ])
        ).rowCount === 1
      if (!known) return refuse('not_found', { what: 'runner', id: runner })
      return (await actIn(tx, [{ run, command: { do: 'move', by: asPerson(asker), to: runner } }]))[0]!.refusal
    }),
  )
