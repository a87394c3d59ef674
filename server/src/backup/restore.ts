/**
 * How does a backup become a database again, in any PostgreSQL?
 * The file is checked whole before anything is touched. Then, in one transaction: the schema is made as it was when the backup was
 * written, the rows go in, every chain of facts is verified, and the migrations since are applied.
 */
import pg from 'pg'
import { callersTransaction, migrate, ownMigrations, type Migration } from '../database/migrate.ts'
import { types } from '../database/pool.ts'
import { ensureGroupRoles, lacking } from '../database/roles.ts'
import { checkOf, fill } from './fill.ts'
import { readLines, type Head } from './format.ts'

type RestoreOptions = {
  /** URL of the user that may set Viewport up, on the database to fill. */
  readonly url: string
  /** The key of the installation that is restored into. */
  readonly key: Uint8Array
  /** The key the backup's secrets are sealed with, when it is neither `key` nor in the file. */
  readonly oldKey?: Uint8Array
  /** Replace what is in the database. Without it a database that holds a Viewport with any workspace is refused. */
  readonly replace?: boolean
}
export type Restored = {
  readonly workspaces: number
  readonly rows: number
  readonly facts: number
  readonly from: string
  readonly migrated: readonly number[]
}

/** Restores. No Viewport may run on the database meanwhile. Throws with words a person can act on; a file that is not whole, a key that does not fit and a Viewport that is there are found before anything is changed, and what goes wrong later leaves the database as it was. */
export const restore = async (
  file: string,
  { url, key, oldKey, replace = false }: RestoreOptions,
): Promise<Restored> => {
  const head = await checkFile(file)
  const sealedWith = keyFor(head, key, oldKey)
  const own = ownMigrations()
  const then = migrationsOf(head, own)
  const admin = new pg.Client({
    connectionString: url,
    types,
    application_name: 'viewport restore',
    connectionTimeoutMillis: 10_000,
  })
  admin.on('error', () => {})
  await admin.connect()
  try {
    const missing = await lacking(admin)
    if (missing.length > 0) throw new Error(`Viewport cannot set itself up in this database: ${missing.join('; ')}.`)
    await refuseWhenUsed(admin, replace)
    await ensureGroupRoles(admin)
    // One transaction: whatever goes wrong, a power cut too, what was there is there again.
    await admin.query('begin')
    await admin.query('drop schema if exists vp cascade')
    await admin.query('drop schema if exists engine cascade')
    await migrate(admin, then, callersTransaction)
    const filled = await fill(admin, file, { from: sealedWith, to: key })
    const migrated = await migrate(admin, own, callersTransaction)
    await admin.query('commit')
    return { ...filled, from: head.at, migrated }
  } finally {
    await admin.end() // what was not committed is undone
  }
}

const checkFile = async (file: string): Promise<Head> => {
  let head: Head | null = null
  for await (const line of readLines(file)) if (line.kind === 'head') head = line.head
  if (head === null) throw new Error(`${file} is not a whole backup of Viewport: its first line is missing.`)
  return head
}

const keyFor = (head: Head, key: Uint8Array, oldKey: Uint8Array | undefined): Uint8Array => {
  const candidates = [key, oldKey, head.key === null ? undefined : Buffer.from(head.key, 'base64')]
  const found = candidates.find((one) => one !== undefined && checkOf(one) === head.keyCheck)
  if (!found)
    throw new Error(
      'The secrets in this backup are sealed with another key, which is not in the file. Give that key (VIEWPORT_KEY or the file "key" of the installation that wrote it) in VIEWPORT_OLD_KEY.',
    )
  return found
}

const migrationsOf = (head: Head, own: Migration[]): Migration[] => {
  for (const then of head.migrations) {
    const now = own.find((one) => one.number === then.number)
    if (!now)
      throw new Error(
        `The backup was written by a newer Viewport (migration ${then.number}-${then.name}). Restore it with that version.`,
      )
    if (now.checksum !== then.checksum)
      throw new Error(
        `The backup was written by a Viewport whose migration ${then.number}-${then.name} was another one. Restore it with that version.`,
      )
  }
  return own.filter((one) => head.migrations.some((then) => then.number === one.number))
}

const refuseWhenUsed = async (admin: pg.Client, replace: boolean): Promise<void> => {
  const { rows: there } = await admin.query<{ vp: boolean; others: number }>(
    `select to_regproc('vp.workspace_ids') is not null as vp, (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and (application_name in ('viewport app', 'viewport nudges') or application_name like 'viewport engine%'))::int as others`,
  )
  if (there[0]!.others > 0)
    throw new Error('A Viewport is connected to this database. Stop it first; nothing was changed.')
  if (replace || !there[0]!.vp) return
  const { rows } = await admin.query<{ count: number }>('select count(*) from vp.workspace_ids()')
  if (rows[0]!.count > 0)
    throw new Error(
      `This database holds a Viewport with ${rows[0]!.count} ${rows[0]!.count === 1 ? 'workspace' : 'workspaces'}. Restore into an empty one, or replace what is in it with --replace.`,
    )
}
