/** How is one effect kept from being carried out by two replicas at the same moment? A lock of the database that lives as long as its connection. */
import { locks } from '../database/lock.ts'
import type { Database } from '../database/open.ts'

/** Each holds a connection of the pool while the tool is asked, and needs another one for its facts: few at a time, or all would wait for all. */
const atOnce = 4
let busy = 0
const queue: (() => void)[] = []

/** Runs `fn` while nobody else holds this intent. Whoever comes second waits, and finds it done. */
export const alone = async (db: Database, intent: string, fn: () => Promise<void>): Promise<void> => {
  if (busy >= atOnce) await new Promise<void>((turn) => queue.push(turn))
  else busy++
  try {
    await locked(db, intent, fn)
  } finally {
    const next = queue.shift()
    if (next) next()
    else busy--
  }
}

const locked = async (db: Database, intent: string, fn: () => Promise<void>): Promise<void> => {
  const client = await db.app.connect()
  let broken: Error | undefined
  try {
    await client.query(`select pg_advisory_lock(hashtextextended($1, ${locks.effects}))`, [intent])
    await fn()
    await client.query(`select pg_advisory_unlock(hashtextextended($1, ${locks.effects}))`, [intent])
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken) // a connection that broke off is closed, and its lock with it
  }
}
