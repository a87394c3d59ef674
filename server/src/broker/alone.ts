/**
 * How is one effect kept from being carried out by two replicas at the same moment, and by many at the cost of all others?
 * A lock of the database that lives as long as its connection; few at a time in one process, and of one workspace fewer.
 */
import { locks } from '../database/lock.ts'
import type { Database } from '../database/open.ts'

/** Each holds a connection of the pool while the tool is asked, and needs another one for its facts: few at a time, or all would wait for all. */
const atOnce = 4
/** A workspace whose tool is slow must leave turns for the others. */
const ofOneWorkspace = 2
const busy = new Map<string, number>()
let waiting: { readonly workspace: string; readonly turn: () => void }[] = []

/** Runs `fn` while nobody else holds this intent. False: another replica has it now, and nothing was done here. */
export const alone = async (
  db: Database,
  { workspace, intent }: { readonly workspace: string; readonly intent: string },
  fn: () => Promise<void>,
): Promise<boolean> => {
  await turnOf(workspace)
  try {
    return await locked(db, intent, fn)
  } finally {
    busy.set(workspace, busy.get(workspace)! - 1)
    const next = waiting.find((one) => (busy.get(one.workspace) ?? 0) < ofOneWorkspace)
    if (next) {
      waiting = waiting.filter((one) => one !== next)
      busy.set(next.workspace, (busy.get(next.workspace) ?? 0) + 1)
      next.turn()
    }
    if (busy.get(workspace) === 0) busy.delete(workspace)
  }
}

const turnOf = async (workspace: string): Promise<void> => {
  const inHand = [...busy.values()].reduce((sum, n) => sum + n, 0)
  if (inHand < atOnce && (busy.get(workspace) ?? 0) < ofOneWorkspace) {
    busy.set(workspace, (busy.get(workspace) ?? 0) + 1)
    return
  }
  await new Promise<void>((turn) => waiting.push({ workspace, turn })) // whoever gives the turn counts it
}

const locked = async (db: Database, intent: string, fn: () => Promise<void>): Promise<boolean> => {
  const client = await db.app.connect()
  let broken: Error | undefined
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtextextended($1, ${locks.effects})) as mine`,
      [intent],
    )
    if (!rows[0]!.mine) return false
    await fn()
    await client.query(`select pg_advisory_unlock(hashtextextended($1, ${locks.effects}))`, [intent])
    return true
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken) // a connection that broke off is closed, and its lock with it
  }
}
