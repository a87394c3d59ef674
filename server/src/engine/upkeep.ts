/**
 * How does the engine's own house stand: what waits, what became of an id, what may be thrown away?
 * Reads the engine's tables as vp_engine; rows are removed by the engine's own deleteWorkflows only.
 */
import type { Pool } from 'pg'
import type { Warn } from '../database/pool.ts'
import { engineName, engineSchema } from './schema.ts'
import type { Fates } from './sweeps.ts'

export type Load = { readonly waiting: number; readonly running: number; readonly oldestMillis: number }

/** What waits and runs on all replicas, and for how long the oldest has waited. */
export const loadOf = async (pool: Pool): Promise<Load> => {
  const { rows } = await pool.query<{ waiting: number; running: number; oldest: number }>(
    `select count(*) filter (where status = 'ENQUEUED') as waiting, count(*) filter (where status = 'PENDING') as running,
      coalesce((extract(epoch from now()) * 1000)::bigint - min(created_at) filter (where status = 'ENQUEUED'), 0) as oldest
     from ${engineSchema}.workflow_status where status in ('ENQUEUED', 'PENDING') and application_name = $1`,
    [engineName],
  )
  return { waiting: rows[0]!.waiting, running: rows[0]!.running, oldestMillis: rows[0]!.oldest }
}

const slowMillis = 5_000

/**
 * Looks at the load, time after time, and says when work begins to wait too long and when that is over.
 * A drain of 28 s was seen once while measuring: silence must not hide such a thing, nor the same line every few seconds.
 */
export const alarmed = (warn: Warn): ((load: Load) => void) => {
  let longestMillis = 0
  return (load) => {
    const slow = load.oldestMillis > slowMillis
    if (slow && longestMillis === 0) warn('Work waits longer than it should.', load)
    if (!slow && longestMillis > 0) warn('Work is taken up in time again.', { ...load, longestMillis })
    longestMillis = slow ? Math.max(longestMillis, load.oldestMillis) : 0
  }
}

/** What became of ids of the engine. */
export const fatesIn =
  (pool: Pool): Fates =>
  async (ids) => {
    if (ids.length === 0) return new Map()
    const { rows } = await pool.query<{ id: string; status: string }>(
      `select workflow_uuid as id, status from ${engineSchema}.workflow_status where workflow_uuid = any($1)`,
      [ids],
    )
    return new Map(rows.map(({ id, status }) => [id, fateOf[status] ?? 'failed']))
  }

const fateOf: Readonly<Record<string, 'waiting' | 'running' | 'done' | 'failed'>> = {
  SUCCESS: 'done',
  PENDING: 'running',
  ENQUEUED: 'waiting',
  DELAYED: 'waiting',
}

const week = 604_800_000
const batch = 500

/**
 * Removes rows whose work is closed in the ledger: success closes the due row inside the same step, so nobody can ask for
 * those again; what failed is kept a week longer for people to look at, and was handed back by the sweep before.
 */
export const collect = async (
  pool: Pool,
  keepMillis: number,
  remove: (ids: string[]) => Promise<void>,
): Promise<void> => {
  for (;;) {
    const { rows } = await pool.query<{ id: string }>(
      `with clock as (select (extract(epoch from now()) * 1000)::bigint - $2 as before)
       select workflow_uuid as id from ${engineSchema}.workflow_status, clock where application_name = $1
         and (status = 'SUCCESS' and updated_at < before or status in ('ERROR', 'CANCELLED') and updated_at < before - ${week}) order by updated_at limit ${batch}`,
      [engineName, keepMillis],
    )
    if (rows.length > 0) await remove(rows.map(({ id }) => id))
    if (rows.length < batch) return
  }
}
