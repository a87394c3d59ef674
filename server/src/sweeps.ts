/**
 * What must be looked after although nobody asks, and how often?
 * The one list of sweeps; each is written where its thing lives. They run on one replica of all.
 */
import type { FastifyBaseLogger } from 'fastify'
import type { FetchOptions } from './deliveries/fetch-again.ts'
import { sweepAsked, sweepQueue } from './deliveries/queue.ts'
import { makeSilences } from './deliveries/silences.ts'
import type { Engine } from './engine/port.ts'
import { eachWorkspace, sweepCancels, sweepDeliveries, sweepGates, sweepOld } from './engine/sweeps.ts'
import { sweepSchedules } from './schedule/tick.ts'
import type { Settings } from './settings.ts'
import type { Stuck } from './stuck.ts'
import { forgetLiveLogs } from './wire/forget-logs.ts'
import { endOverdueLeases, explainWaiting, markSilentRunners, silentMillis } from './wire/lost.ts'

/** Registers every sweep with the engine. */
export const scheduleSweeps = (
  engine: Engine,
  { db, log, ...asking }: { readonly log: FastifyBaseLogger } & FetchOptions,
  stuck: Stuck,
  { leaseSeconds, liveLogDays }: Pick<Settings, 'leaseSeconds' | 'liveLogDays'>,
): void => {
  const lease = leaseSeconds * 1_000
  const silences = makeSilences()
  engine.schedule('leases', 1_000, () => endOverdueLeases(db, stuck), true)
  engine.schedule('runners', 2_000, () => markSilentRunners(db, stuck, silentMillis(lease)), true)
  engine.schedule('gates', 1_000, () => sweepGates(db, stuck), true)
  engine.schedule('cancels', 1_000, () => sweepCancels(db, stuck, 2 * lease), true)
  engine.schedule('deliveries', 1_000, () => sweepDeliveries(db, engine, stuck, 2_000), true)
  engine.schedule(
    'waiting work',
    3_000,
    () => eachWorkspace(db, stuck, 'waiting work', (workspace) => explainWaiting(db, workspace)),
    true,
  )
  engine.schedule('schedules', 1_000, () => sweepSchedules(db, stuck), true)
  engine.schedule('queued starts', 1_000, () => sweepQueue({ db, log, ...asking }, stuck), true)
  engine.schedule('queued starts to ask about', 1_000, () => sweepAsked({ db, log, ...asking }, stuck, silences), true)
  engine.schedule('old', 600_000, () => sweepOld(db, stuck))
  engine.schedule('live logs', 600_000, () =>
    eachWorkspace(db, stuck, 'live logs', (workspace) => forgetLiveLogs(db, workspace, liveLogDays * 86_400_000)),
  )
}
