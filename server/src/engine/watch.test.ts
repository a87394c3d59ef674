/** A replica shows that it lives by a lock; when its connection breaks it takes the lock again, as soon as the server gives it back. */
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { asEngine } from './schema.ts'
import { startWatch } from './watch.ts'

const { db, url } = await testDatabase()
const admin = new pg.Client({ connectionString: url })
await admin.connect()
afterAll(() => admin.end())

test('after a broken connection a replica shows again that it lives, although its old session held the lock for a while', async () => {
  const told: string[] = []
  const watch = await startWatch({
    url: asEngine(db.engineUrl),
    me: 'me',
    everyMillis: 20,
    takeOver: async () => 0,
    warn: () => {},
    tell: (words) => void told.push(words),
  })
  /** Its own lock and the leader's. */
  const locks = async (): Promise<number> =>
    (
      await admin.query(
        `select from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'viewport engine me' and a.datname = current_database() and l.locktype = 'advisory' and l.granted`,
      )
    ).rowCount!
  expect(await locks()).toBe(2)
  const old = new pg.Client({ connectionString: url }) // as a session that the server has not given up yet
  await old.connect()
  try {
    const held = old.query(`select pg_advisory_lock(hashtextextended('executor me', 42))`)
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'viewport engine me' and datname = current_database()`,
    )
    await held
    await expect
      .poll(() => told, { timeout: 30_000 })
      .toContain('The lock of this replica is still held by its last connection.')
  } finally {
    await old.end()
  }
  await expect.poll(locks, { timeout: 20_000 }).toBe(2)
  await watch.close()
})
