/**
 * Do two programs use the key of one runner?
 * Each start of vpd names itself by a random word in its tokens. The one that said hello last goes on; whoever comes with another
 * word after it is refused, and the ledger and the runner's card say so. It cannot tell which of the two is the right one: people do.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import type { KnownRunner } from './context.ts'

/** While it goes on, an alarm that was looked after comes back; between two facts lies at least this long. */
const quietMillis = 60_000

/** Refuses one that was overtaken, and tells people. `address`: where it called from. */
export const refuseDoubled = async (db: Database, known: KnownRunner, address: string): Promise<Refusal> => {
  const why = `A program at ${address} used the key of this runner after another one had come online with it; it was refused.`
  await inWorkspace(db, known.workspace, async (tx) => {
    const { rowCount } = await tx.query(
      `update vp.runners set doubled = json_build_object('at', vp.now_ms(), 'why', $3::text)
       where workspace = $1 and runner = $2 and (doubled is null or (doubled ->> 'why' <> $3 and (doubled ->> 'at')::bigint < vp.now_ms() - $4))`,
      [tx.workspace, known.runner, why, quietMillis],
    )
    if (!rowCount) return
    record(tx, { type: 'runner.doubled', by: { kind: 'system' }, data: { runner: known.runner, why } })
    tx.nudge('runner', known.runner)
  })
  return refuse('runner_doubled')
}
