/**
 * How does a program get a database it can use?
 * Roles, schema, engine schema and logins are brought up to date; then only the application's login is used. It never keeps
 * the connection that was allowed to do that.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import pg from 'pg'
import { ensureEngineSchema } from '../engine/schema.ts'
import { openHeldLocks, type HeldLocks } from './held-locks.ts'
import { withLock } from './lock.ts'
import { migrate, ownMigrations } from './migrate.ts'
import { openNudges, type Nudge, type Nudges } from './nudge.ts'
import { canLogIn, makePool, types, urlAs, type Warn } from './pool.ts'
import { ensureGroupRoles, ensureLogin, lacking, loginsOf } from './roles.ts'

export type Database = {
  /** The application's pool, under row-level security: use `inWorkspace`; bare queries reach look-up functions only. */
  readonly app: pg.Pool
  readonly nudges: Omit<Nudges, 'send' | 'close'> & { send(nudge: Nudge): void }
  /** Locks that this process holds for longer than a transaction. */
  readonly locks: Pick<HeldLocks, 'take'>
  /** The engine's login, for server/src/engine alone. */
  readonly engineUrl: string
  /** This installation's id, random, made once. */
  readonly installation: string
  readonly database: string
  /** Runs `fn` on a connection that acts as the owner of our tables (row-level security holds for it as well). For backup, restore, schema. */
  asOwner<T>(fn: (owner: pg.Client) => Promise<T>): Promise<T>
  close(): Promise<void>
}

type OpenOptions = {
  /** PostgreSQL URL of the user that may set Viewport up. */
  readonly url: string
  /** 32 bytes, shared by every replica: passwords of the login roles are derived from it. */
  readonly key: Uint8Array
  readonly warn: Warn
  /** Connections of the application's pool at most. */
  readonly connections?: number
}

/** Opens the database: sets up or upgrades what is missing, then connects as the application. Throws with words a person can act on. */
export const openDatabase = async ({ url, key, warn, connections = 12 }: OpenOptions): Promise<Database> => {
  const set = await setUp(url, key)
  const app = makePool(set.appUrl, 'app', connections, warn)
  const nudges = await openNudges(set.appUrl, app, warn).catch(async (error: Error) => {
    await app.end()
    throw new Error(
      `The database does not let ${new URL(set.appUrl).username} in: ${error.message}. Viewport made that role; the server's pg_hba.conf must admit it from here with a password.`,
      { cause: error },
    )
  })
  const locks = openHeldLocks(set.appUrl)
  let closing: Promise<void> | null = null
  return {
    app,
    nudges,
    locks,
    engineUrl: set.engineUrl,
    installation: set.installation,
    database: set.database,
    async asOwner(fn) {
      const owner = await connect(url)
      try {
        await owner.query('set role vp_owner')
        return await fn(owner)
      } finally {
        await owner.end()
      }
    },
    close: () => (closing ??= Promise.all([nudges.close(), locks.close()]).then(() => app.end())),
  }
}

type SetUp = { appUrl: string; engineUrl: string; installation: string; database: string }

const setUp = async (url: string, key: Uint8Array): Promise<SetUp> => {
  const admin = await connect(url)
  try {
    return await withLock(admin, 'setUp', () => bringUpToDate(admin, url, key))
  } finally {
    await admin.end()
  }
}

const bringUpToDate = async (admin: pg.Client, url: string, key: Uint8Array): Promise<SetUp> => {
  const missing = await lacking(admin)
  if (missing.length > 0) throw new Error(`Viewport cannot set itself up in this database: ${missing.join('; ')}.`)
  const { rows } = await admin.query<{ database: string; untouched: boolean }>(
    'select datname as database, datacl is null as untouched from pg_database where datname = current_database()',
  )
  const { database, untouched } = rows[0]!
  await ensureGroupRoles(admin)
  await migrate(admin, ownMigrations())
  const installation = await sameInstallation(admin, key)
  const logins = loginsOf(database, key)
  const [appUrl, engineUrl] = [
    urlAs(url, logins.app.user, logins.app.password),
    urlAs(url, logins.engine.user, logins.engine.password),
  ]
  if (untouched) await closeToOthers(admin, database)
  await ensureLogin(admin, logins.app, 'vp_app', () => canLogIn(appUrl))
  await ensureLogin(admin, logins.engine, 'vp_engine', () => canLogIn(engineUrl))
  await admin.query(`grant connect on database ${name(database)} to ${logins.app.user}, ${logins.engine.user}`)
  await ensureEngineSchema(admin, engineUrl)
  return { appUrl, engineUrl, installation, database }
}

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({
    connectionString: url,
    types,
    application_name: 'viewport set-up',
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    const { hostname, port, pathname } = new URL(url)
    throw new Error(
      `No connection to PostgreSQL at ${hostname}:${port || '5432'}${pathname}: ${(error as Error).message}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    )
  }
}

const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

// Logins of another Viewport in the same server are members of vp_app too: without this they could connect here. Done once:
// whom an administrator lets in later stays in.
const closeToOthers = async (admin: pg.Client, database: string): Promise<void> => {
  await admin.query(`revoke connect, temporary on database ${name(database)} from public`)
}

const sameInstallation = async (admin: pg.Client, key: Uint8Array): Promise<string> => {
  const check = createHmac('sha256', key).update('viewport key check').digest('hex')
  await admin.query('set role vp_owner')
  try {
    await admin.query('insert into vp.installation (id, key_check) values ($1, $2) on conflict do nothing', [
      randomUUID(),
      check,
    ])
    const { rows } = await admin.query<{ id: string; key_check: string }>('select id, key_check from vp.installation')
    if (!timingSafeEqual(Buffer.from(rows[0]!.key_check), Buffer.from(check)))
      throw new Error(
        'This database was set up with another key: its secrets cannot be read with the one given here. Set VIEWPORT_KEY (or the key file in the data folder) to the key that was used before.',
      )
    return rows[0]!.id
  } finally {
    await admin.query('reset role')
  }
}
