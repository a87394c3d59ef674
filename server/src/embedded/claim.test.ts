/** The claim on a data folder comes back after a broken connection, however long the server takes to give up the old session. */
import pg from 'pg'
import { afterAll, expect, test, vi } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { locks } from '../database/lock.ts'
import { claim, type Claim } from './claim.ts'

const { url } = await testDatabase()
const admin = new pg.Client({ connectionString: url })
await admin.connect()
afterAll(() => admin.end())

test('a claim whose own last session is still there is asked for again until it is had', async () => {
  const lost = vi.fn()
  const mine = (await claim(url, lost)) as Claim
  const holders = async (): Promise<number[]> =>
    (
      await admin.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and objid = $1 and granted and database = (select oid from pg_database where datname = current_database())`,
        [locks.dataFolder],
      )
    ).rows.map(({ pid }) => pid)
  const sessions = async (): Promise<number> =>
    Number(
      (await admin.query('select sessions from pg_stat_database where datname = current_database()')).rows[0].sessions,
    )
  const [pid] = await holders()
  const old = new pg.Client({ connectionString: url, application_name: `viewport ${process.pid}` })
  await old.connect()
  try {
    const held = old.query('select pg_advisory_lock($1)', [locks.dataFolder])
    await admin.query('select pg_terminate_backend($1)', [pid])
    await held
    const before = await sessions()
    await expect.poll(sessions, { timeout: 30_000 }).toBeGreaterThan(before) // it has asked, and found itself
  } finally {
    await old.end()
  }
  await expect.poll(async () => (await holders()).length, { timeout: 30_000 }).toBe(1)
  expect(lost).not.toHaveBeenCalled()
  await mine.release()
  await expect.poll(holders, { timeout: 30_000 }).toEqual([])
})
