/** How do two programs that set up one database take turns? */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

/**
 * Runs `fn` while this connection holds an advisory lock of the database. Waits by asking again: a connection that waits
 * inside PostgreSQL holds a snapshot, and CREATE INDEX CONCURRENTLY of the one who has the lock would wait for it for ever.
 */
export const withLock = async <T>(client: Client, lock: number, fn: () => Promise<T>): Promise<T> => {
  while (!(await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [lock])).rows[0]!.ok)
    await sleep(50)
  try {
    return await fn()
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lock]).catch(() => {}) // a lost connection has lost the lock
  }
}
