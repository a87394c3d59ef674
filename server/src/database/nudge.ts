/**
 * How does one replica tell the others to look now?
 * NOTIFY with ids only, sent after the commit in a transaction of its own: a NOTIFY inside would serialise the commits of
 * the whole database. Listeners here hear it at once. A lost nudge costs latency, never work.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { kept, type Warn } from './pool.ts'

/** What to look at. `resync`: nudges may have been lost (the listener reconnected): look at everything you wait for. */
export const topics = [
  'run',
  'gate',
  'work',
  'order',
  'runner',
  'workflow',
  'delivery',
  'pairing',
  'look',
  'connection',
  'due',
  'person',
  'key',
  'resync',
] as const
export type Topic = (typeof topics)[number]
export type Nudge = { readonly workspace: string; readonly topic: Topic; readonly id: string }
export type Nudges = {
  /** Calls `fn` for every nudge of every replica, this one included. Returns the function that ends it. */
  on(fn: (nudge: Nudge) => void): () => void
  send(nudge: Nudge): void
  close(): Promise<void>
}

const channel = 'viewport'
const payloadBytes = 7_000 // PostgreSQL takes less than 8,000

/** Listens on a connection of its own and reconnects for ever. Resolves when the first connection listens. */
export const openNudges = async (url: string, pool: pg.Pool, warn: Warn): Promise<Nudges> => {
  const me = randomUUID().slice(0, 8)
  const listeners = new Set<(nudge: Nudge) => void>()
  let closed = false
  let client: pg.Client | null = null
  let retry: NodeJS.Timeout | null = null
  let waiting: string[] = []
  let sending: Promise<void> | null = null

  const tell = (nudge: Nudge): void => {
    for (const listener of listeners) {
      try {
        listener(nudge)
      } catch (error) {
        warn('A listener failed on a nudge.', { topic: nudge.topic, error: String(error) })
      }
    }
  }

  const hear = (payload: string): void => {
    const [from, ...lines] = payload.split('\n')
    if (from === me) return // heard when it was sent
    for (const line of lines) {
      const [topic, workspace, id] = line.split(' ')
      if (topic && workspace && id && (topics as readonly string[]).includes(topic))
        tell({ topic: topic as Topic, workspace, id })
    }
  }

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, application_name: 'viewport nudges', ...kept })
    next.on('error', () => {}) // 'end' follows
    next.on('notification', ({ payload }) => hear(payload ?? ''))
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
    } catch (error) {
      await next.end().catch(() => {})
      throw error
    }
    next.once('end', () => reconnect(250))
    client = next
  }

  const reconnect = (delay: number): void => {
    client = null
    if (closed) return
    retry = setTimeout(() => {
      connect().then(
        () => tell({ workspace: '*', topic: 'resync', id: '*' }),
        (error: Error) => {
          warn('No connection to listen for nudges; polling goes on.', {
            error: error.message,
            nextTryMillis: Math.min(delay * 2, 5_000),
          })
          reconnect(Math.min(delay * 2, 5_000))
        },
      )
    }, delay)
    retry.unref()
  }

  const drain = async (): Promise<void> => {
    await Promise.resolve() // nudges of one turn go out together
    while (waiting.length > 0) {
      await flush().catch((error: Error) =>
        warn('A nudge was lost; other replicas look at their next poll.', { error: error.message }),
      )
    }
    sending = null
  }

  const flush = async (): Promise<void> => {
    const lines = [...new Set(waiting)]
    waiting = []
    const payloads: string[] = []
    let text = me
    for (const line of lines) {
      if (text.length + line.length + 1 > payloadBytes) {
        payloads.push(text)
        text = me
      }
      text += `\n${line}`
    }
    payloads.push(text)
    await pool.query('select pg_notify($1, p) from unnest($2::text[]) p', [channel, payloads])
  }

  await connect()
  return {
    on(fn) {
      listeners.add(fn)
      return () => void listeners.delete(fn)
    },
    send(nudge) {
      if (closed) return
      tell(nudge)
      waiting.push(`${nudge.topic} ${nudge.workspace} ${nudge.id}`)
      sending ??= drain()
    },
    async close() {
      closed = true
      if (retry) clearTimeout(retry)
      await sending
      await client?.end().catch(() => {})
    },
  }
}
