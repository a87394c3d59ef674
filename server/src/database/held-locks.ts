/**
 * How does a process hold many locks for minutes, at the cost of one connection?
 * Advisory locks of a session of its own: what a process holds is free the moment it is gone. A session may take its own lock twice, so what is held here is known here, too.
 */
import pg from 'pg'
import { locks } from './lock.ts'
import { kept, quiet, steady, urlWith } from './pool.ts'

export type HeldLocks = {
  /** Takes the lock of this name, or gives null: somebody has it, here or in another process. What it gives back frees it and never throws. */
  take(seed: keyof typeof locks, name: string): Promise<(() => Promise<void>) | null>
  close(): Promise<void>
}

/** Connects at the first lock, and anew after the connection broke off. */
export const openHeldLocks = (url: string): HeldLocks => {
  const mine = new Set<string>()
  let client: Promise<pg.Client> | null = null

  const connect = async (): Promise<pg.Client> => {
    const made = new pg.Client({
      connectionString: urlWith(url, steady),
      application_name: 'viewport locks',
      connectionTimeoutMillis: 10_000,
      ...kept,
    })
    quiet(made)
    await made.connect()
    return made
  }
  const connected = (): Promise<pg.Client> => {
    if (client !== null) return client
    const now = (client = connect())
    const over = (): void => {
      if (client === now) client = null
    }
    now.then((one) => one.once('end', over), over)
    return now
  }
  // One after the other: a client that is asked while it is still at work is on its way out of pg.
  let last: Promise<unknown> = Promise.resolve()
  const ask = (at: Promise<pg.Client>, what: string, seed: keyof typeof locks, name: string): Promise<boolean> => {
    const asked = last.then(async () => {
      const text = `select ${what}(hashtextextended($1, ${locks[seed]})) as ok`
      return (await (await at).query<{ ok: boolean }>(text, [name])).rows[0]!.ok
    })
    last = asked.catch(() => {})
    return asked
  }

  return {
    async take(seed, name) {
      const full = `${seed} ${name}`
      if (mine.has(full)) return null
      mine.add(full)
      const at = connected()
      try {
        const ok = await ask(at, 'pg_try_advisory_lock', seed, name)
        if (!ok) mine.delete(full)
        return ok ? free : null
      } catch (error) {
        mine.delete(full)
        throw error
      }
      async function free(): Promise<void> {
        // One that broke off has lost its locks.
        if (client === at) await ask(at, 'pg_advisory_unlock', seed, name).catch(() => {})
        mine.delete(full)
      }
    },
    async close() {
      const open = client
      client = null
      await open?.then((one) => one.end()).catch(() => {})
    },
  }
}
