/** How is the embedded server stopped without hurting anybody who uses it? */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isOurs, readPostmaster } from './postmaster.ts'
import type { Running } from './start.ts'

/**
 * Stops the server ("fast": open transactions are rolled back) and waits until it has ended. When other programs of Viewport
 * are still connected it is left running; answers whether it was stopped.
 */
export const stopEmbedded = async (
  running: Pick<Running, 'url' | 'place' | 'programs'>,
  patienceMillis = 30_000,
): Promise<boolean> => {
  const found = readPostmaster(running.place.data)
  if (!found || !isOurs(found.pid, running.place.data)) return true
  if (await usedByOthers(running.url)) return false
  askToEnd(found.pid, running)
  const deadline = performance.now() + patienceMillis
  while (isOurs(found.pid, running.place.data) && readPostmaster(running.place.data)?.pid === found.pid) {
    if (performance.now() > deadline)
      throw new Error(
        `The embedded PostgreSQL (process ${found.pid}) did not end within ${patienceMillis / 1000} seconds. See ${running.place.log}.`,
      )
    await sleep(20)
  }
  return true
}

// Windows has no signals that a program could catch: pg_ctl speaks to the server there.
const askToEnd = (pid: number, { place, programs }: Pick<Running, 'place' | 'programs'>): void => {
  if (process.platform === 'win32')
    spawnSync(path.join(programs, 'pg_ctl'), ['stop', '-D', place.data, '-m', 'fast', '-W'])
  else process.kill(pid, 'SIGINT')
}

/** A connection that was just closed is still listed for a moment: only who stays for this long is somebody else. */
const lingerMillis = 2_000

const usedByOthers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  const deadline = performance.now() + lingerMillis
  try {
    await client.connect()
    for (;;) {
      const { rows } = await client.query(
        `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
      )
      if (rows.length === 0) return false
      if (performance.now() > deadline) return true
      await sleep(50)
    }
  } catch {
    return false // it does not answer: it is on its way down, or must be sent there
  } finally {
    await client.end().catch(() => {})
  }
}
