/**
 * What must be looked after although nobody asks, and how often?
 * The one list of sweeps; each is written where its thing lives. They run on one replica of all.
 */
import type { Database } from './database/open.ts'
import { sweepQueue } from './deliveries/queue.ts'
import type { Engine } from './engine/port.ts'
import { sweepCancels, sweepDeliveries, sweepGates, sweepOld } from './engine/sweeps.ts'
import type { Settings } from './settings.ts'
import { endOverdueLeases, explainWaiting, markSilentRunners } from './wire/lost.ts'

/** Registers every sweep with the engine. */
export const scheduleSweeps = (
  engine: Engine,
  db: Database,
  { leaseSeconds }: Pick<Settings, 'leaseSeconds'>,
): void => {
  const lease = leaseSeconds * 1_000
  engine.schedule('leases', 1_000, () => endOverdueLeases(db))
  engine.schedule('runners', 2_000, () => markSilentRunners(db, lease))
  engine.schedule('gates', 1_000, () => sweepGates(db))
  engine.schedule('cancels', 1_000, () => sweepCancels(db, 2 * lease))
  engine.schedule('deliveries', 1_000, () => sweepDeliveries(db, engine, 2_000))
  engine.schedule('waiting work', 3_000, async () => {
    const { rows } = await db.app.query<{ workspace: string }>(
      'select workspace_ids as workspace from vp.workspace_ids()',
    )
    for (const { workspace } of rows) await explainWaiting(db, workspace)
  })
  engine.schedule('queued starts', 1_000, () => sweepQueue(db))
  engine.schedule('old', 600_000, () => sweepOld(db))
}
