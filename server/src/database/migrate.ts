/**
 * Which migrations has this database seen, and which are still to come?
 * Files of server/migrations, NNN-name.sql, each once, in order, in one transaction, under a lock; what was applied is
 * remembered with its checksum, and an edited file is refused before anything is changed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Client } from 'pg'
import { withLock } from './lock.ts'

export type Migration = {
  readonly number: number
  readonly name: string
  readonly text: string
  readonly checksum: string
}

const folders = ['../../migrations/', '../migrations/'] // of the sources, of the published bundle

/** The migrations that come with this program. Throws when two share a number. */
export const ownMigrations = (
  folder = folders.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path)),
): Migration[] => {
  if (!folder) throw new Error('The migrations of Viewport are missing beside the program. Install it again.')
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  const found = files.map((file): Migration => {
    const [, number, name] = /^(\d{3})-([a-z0-9-]+)\.sql$/.exec(file) ?? []
    if (!number || !name) throw new Error(`${file} is not named like 001-what-it-does.sql`)
    const text = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n')
    return { number: Number(number), name, text, checksum: createHash('sha256').update(text).digest('hex') }
  })
  const twice = found.find((one, at) => one.number === found[at - 1]?.number)
  if (twice)
    throw new Error(`Two migrations have the number ${label(twice).slice(0, 3)}: give ${label(twice)}.sql another one.`)
  return found
}

const label = ({ number, name }: { number: number; name: string }): string =>
  `${String(number).padStart(3, '0')}-${name}`

/** How one migration begins, is kept, and is undone. */
type Steps = { readonly begin: string; readonly keep: string; readonly undo: string }
const ownTransaction: Steps = { begin: 'begin', keep: 'commit', undo: 'rollback' }
/** For a caller that has begun a transaction. */
export const callersTransaction: Steps = {
  begin: 'savepoint migration',
  keep: 'release savepoint migration',
  undo: 'rollback to savepoint migration',
}

/**
 * Applies what is missing as vp_owner and returns the numbers applied. `admin`: a connection that may act as vp_owner.
 * Throws when an applied migration was edited, when the database is newer than this program, and when a statement fails
 * (then that migration has left nothing behind). `within` a transaction of the caller's it is part of that one.
 */
export const migrate = async (
  admin: Client,
  migrations: Migration[],
  within: Steps = ownTransaction,
): Promise<number[]> => {
  try {
    return await withLock(admin, 'migrations', () => applyMissing(admin, migrations, within))
  } finally {
    await admin.query('reset role').catch(() => {})
  }
}

const applyMissing = async (admin: Client, migrations: Migration[], within: Steps): Promise<number[]> => {
  await admin.query('create schema if not exists vp authorization vp_owner')
  await admin.query('set role vp_owner')
  await admin.query(
    'create table if not exists vp.migrations (number int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())',
  )
  const { rows } = await admin.query<{ number: number; name: string; checksum: string }>(
    'select number, name, checksum from vp.migrations order by number',
  )
  for (const done of rows) {
    const own = migrations.find((one) => one.number === done.number)
    if (!own)
      throw new Error(
        `The database was used by a newer Viewport (migration ${label(done)} is unknown here). Start that version, or restore a backup made before the upgrade.`,
      )
    if (own.checksum !== done.checksum)
      throw new Error(
        `Migration ${label(done)} was edited after it was applied to this database (checksum ${done.checksum.slice(0, 12)} applied, ${own.checksum.slice(0, 12)} found). Restore the file; put the change in a new migration.`,
      )
  }
  const applied: number[] = []
  const last = rows.at(-1)?.number ?? 0
  for (const next of migrations.filter((one) => !rows.some((done) => done.number === one.number))) {
    if (next.number < last)
      throw new Error(
        `Migration ${label(next)} came after number ${last} was applied to this database: give it a higher number.`,
      )
    await apply(admin, next, within)
    applied.push(next.number)
  }
  return applied
}

const apply = async (admin: Client, next: Migration, { begin, keep, undo }: Steps): Promise<void> => {
  try {
    await admin.query(begin)
    await admin.query('set local role vp_owner')
    await admin.query(next.text)
    await admin.query('set local role vp_owner') // a migration may have changed the role
    await admin.query('insert into vp.migrations (number, name, checksum) values ($1, $2, $3)', [
      next.number,
      next.name,
      next.checksum,
    ])
    await admin.query(keep)
  } catch (error) {
    await admin.query(undo).catch(() => {})
    const { position, message } = error as { position?: string; message: string }
    const line = position ? ` at line ${next.text.slice(0, Number(position)).split('\n').length}` : ''
    throw new Error(`Migration ${label(next)} failed${line}: ${message}. Nothing of it was kept.`, { cause: error })
  }
}
