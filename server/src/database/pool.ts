/** How do we talk to PostgreSQL? Pools whose numbers are numbers and whose idle errors are logged instead of thrown. */
import pg from 'pg'

const [int8, int8Array] = [20, 1016]
const texts = pg.types.getTypeParser(int8Array) as (value: string) => (string | null)[]

/** int8 as number: our counters and milliseconds stay below 2^53. Everything else as pg reads it. */
export const types = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === int8) return Number
    if (oid === int8Array) return (value: string) => texts(value).map((one) => (one === null ? null : Number(one)))
    return pg.types.getTypeParser(oid, format)
  }) as typeof pg.types.getTypeParser,
}

export type Warn = (words: string, about: Record<string, unknown>) => void

/**
 * The same URL with settings of the session. `steady`: a replica whose machine has gone is noticed in seconds, not hours, so
 * that its locks are given back.
 */
export const urlWith = (url: string, settings: Readonly<Record<string, string | number>>): string => {
  const to = new URL(url)
  const words = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  to.searchParams.set('options', [to.searchParams.get('options') ?? '', ...words].join(' ').trim())
  return to.href
}
export const steady = { tcp_keepalives_idle: 5, tcp_keepalives_interval: 2, tcp_keepalives_count: 3 } as const

/** The same the other way: a database whose machine has gone is noticed in half a minute. Without the delay the system's two hours hold. */
export const kept = { keepAlive: true, keepAliveInitialDelayMillis: 5_000 } as const

/** A transaction that does nothing for this long (ms) is ended by the server: a replica that hangs must not hold a workspace. */
const idleTransaction = 15_000

/** A connection that dies while a transaction holds it fails its next query; without a listener it would end the process. */
export const quiet = (client: pg.ClientBase): void => void client.on('error', () => {})

/** A pool. `max`: connections at most. An idle connection that dies is replaced at the next use. */
export const makePool = (url: string, name: string, max: number, warn: Warn): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: urlWith(url, { ...steady, idle_in_transaction_session_timeout: idleTransaction }),
    max,
    types,
    application_name: `viewport ${name}`,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    ...kept,
    pipeline: true, // a query is sent while the one before is still at work; the server takes them in order
  })
  pool.on('connect', quiet)
  pool.on('error', (error) =>
    warn('A database connection ended while idle; the next use opens a new one.', { pool: name, error: error.message }),
  )
  return pool
}

/** The same URL with another user and password. */
export const urlAs = (url: string, user: string, password: string): string => {
  const as = new URL(url)
  as.username = encodeURIComponent(user)
  as.password = encodeURIComponent(password)
  return as.href
}

/** Can one log in with this URL? False only when the server refuses the user or the password; anything else throws. */
export const canLogIn = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    if (['28P01', '28000'].includes((error as { code?: string }).code ?? '')) return false
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}
