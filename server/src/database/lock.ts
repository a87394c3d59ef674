/** How do two programs that set up one database take turns? */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

/**
 * Every advisory lock with a number of its own, in one list so that no two of them meet. Any numbers of ours will do; locks are per
 * database. What a version before this one takes under a number stays under it: both may run at once during an upgrade.
 */
export const locks = {
  setUp: 7_310_000,
  migrations: 7_310_001,
  signingKey: 7_310_002,
  dataFolder: 7_310_003,
  /** Not a lock: the seed with which limits of workflows become locks. */
  slots: 7_310_004,
  refold: 7_310_005,
  /** Not a lock: the seed with which limits of repositories become locks. */
  repositories: 7_310_006,
  /** Not a lock: the seed with which effects become locks. */
  effects: 7_310_007,
  /** Not a lock: the seed with which subjects of a workflow become locks. */
  breakers: 7_310_008,
  /** Not a lock: the seed with which caps by the hour become locks. */
  caps: 7_310_009,
} as const

/**
 * Runs `fn` while this connection holds an advisory lock of the database. Waits by asking again: a connection that waits
 * inside PostgreSQL holds a snapshot, and CREATE INDEX CONCURRENTLY of the one who has the lock would wait for it for ever.
 */
export const withLock = async <T>(client: Client, lock: keyof typeof locks, fn: () => Promise<T>): Promise<T> => {
  while (!(await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [locks[lock]])).rows[0]!.ok)
    await sleep(50)
  try {
    return await fn()
  } finally {
    await client.query('select pg_advisory_unlock($1)', [locks[lock]]).catch(() => {}) // a lost connection has lost the lock
  }
}
