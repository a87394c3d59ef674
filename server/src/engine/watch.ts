/**
 * Which replicas live, who leads, and who finishes the work of a dead one?
 * Each replica holds an advisory lock named after itself on one connection. A lock that is free means: that replica is gone,
 * or cannot reach the database; its work is taken over (the engine fences what the old one might still write). The leader,
 * holder of one more lock, runs the sweeps.
 */
import pg from 'pg'
import { kept, type Warn } from '../database/pool.ts'
import { engineName, engineSchema } from './schema.ts'

export type Watch = {
  leads(): boolean
  close(): Promise<void>
}
type WatchOptions = {
  readonly url: string
  readonly me: string
  readonly everyMillis: number
  /** Recovers the pending work of these dead replicas in this process; answers how many pieces. */
  readonly takeOver: (executors: string[]) => Promise<number>
  readonly warn: Warn
  readonly tell: (words: string, about: Record<string, unknown>) => void
}

const lockOf = 'hashtextextended($1, 42)'
const leader = 'viewport leader'

/** Takes the lock and looks at once, then every `everyMillis`. Reconnects for ever; while it is not connected it does not lead. */
export const startWatch = async ({ url, me, everyMillis, takeOver, warn, tell }: WatchOptions): Promise<Watch> => {
  let client: pg.Client | null = null
  /** Whether this connection holds our own lock: the sign that we live. */
  let holds = false
  let leads = false
  let closed = false
  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> = Promise.resolve()

  const tryLock = async (name: string): Promise<boolean> =>
    (await client!.query<{ ok: boolean }>(`select pg_try_advisory_lock(${lockOf}) as ok`, [name])).rows[0]!.ok

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      application_name: `viewport engine ${me}`,
      ...kept,
      connectionTimeoutMillis: 5_000,
    })
    next.on('error', () => {})
    try {
      await next.connect()
    } catch (error) {
      await next.end().catch(() => {})
      throw error
    }
    next.once('end', () => {
      if (client !== next) return
      client = null
      holds = false
      leads = false
    })
    client = next
  }

  const look = async (): Promise<void> => {
    if (client === null) await connect()
    // After a broken connection the server may still hold the old session's lock for a while; whoever finds it free takes our work over.
    if (!holds) holds = await tryLock(`executor ${me}`)
    if (!holds) tell('The lock of this replica is still held by its last connection.', { executor: me })
    if (!leads && (await tryLock(leader))) leads = true
    const { rows } = await client!.query<{ executor: string }>(
      `select distinct executor_id as executor from ${engineSchema}.workflow_status where status = 'PENDING' and application_name = $1 and executor_id <> $2`,
      [engineName, me],
    )
    for (const { executor } of rows) {
      if (!(await tryLock(`executor ${executor}`))) continue // it lives
      try {
        const pieces = await takeOver([executor])
        if (pieces > 0)
          warn('Another replica of the control plane has gone; its work was taken over.', { executor, pieces })
      } finally {
        await client?.query(`select pg_advisory_unlock(${lockOf})`, [`executor ${executor}`])
      }
    }
  }

  const again = (): void => {
    if (closed) return
    timer = setTimeout(() => {
      looking = look()
        .catch((error: Error) =>
          warn('The engine could not look after other replicas; it tries again.', { error: error.message }),
        )
        .finally(again)
    }, everyMillis)
    timer.unref()
  }

  await look()
  again()
  return {
    leads: () => leads,
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await looking
      leads = false
      await client?.end().catch(() => {})
    },
  }
}
