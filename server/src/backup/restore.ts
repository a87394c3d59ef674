/**
 * How does a backup become a database again, in any PostgreSQL?
 * The file is checked whole before anything is touched. The schema is made as it was when the backup was written, the rows go
 * in, every chain of facts is verified, all in one transaction; then the migrations since are applied.
 */
import { createHmac } from 'node:crypto'
import pg from 'pg'
import { tablesOf, type Table } from '../database/catalog.ts'
import { migrate, ownMigrations, type Migration } from '../database/migrate.ts'
import { types } from '../database/pool.ts'
import { ensureGroupRoles, lacking } from '../database/roles.ts'
import type { Tx } from '../database/tenant.ts'
import { reseal, sealedColumns } from '../keys/sealed.ts'
import { verifyWorkspace } from '../ledger/verify.ts'
import { readLines, type Head, type Opening, type Row } from './format.ts'

export type RestoreOptions = {
  /** URL of the user that may set Viewport up, on the database to fill. */
  readonly url: string
  /** The key of the installation that is restored into. */
  readonly key: Uint8Array
  /** The key the backup's secrets are sealed with, when it is neither `key` nor in the file. */
  readonly oldKey?: Uint8Array
  /** Replace what is in the database. Without it a database that holds a Viewport with any workspace is refused. */
  readonly replace?: boolean
}
export type Restored = { readonly workspaces: number; readonly rows: number; readonly facts: number; readonly from: string; readonly migrated: readonly number[] }

/** Restores. No Viewport may run on the database meanwhile. Throws with words a person can act on, and then nothing was changed. */
export const restore = async (file: string, { url, key, oldKey, replace = false }: RestoreOptions): Promise<Restored> => {
  const head = await checkFile(file)
  const sealedWith = keyFor(head, key, oldKey)
  const own = ownMigrations()
  const then = migrationsOf(head, own)
  const admin = new pg.Client({ connectionString: url, types, application_name: 'viewport restore', connectionTimeoutMillis: 10_000 })
  admin.on('error', () => {})
  await admin.connect()
  try {
    const missing = await lacking(admin)
    if (missing.length > 0) throw new Error(`Viewport cannot set itself up in this database: ${missing.join('; ')}.`)
    await refuseWhenUsed(admin, replace)
    await ensureGroupRoles(admin)
    await admin.query('drop schema if exists vp cascade')
    await admin.query('drop schema if exists engine cascade')
    await migrate(admin, then)
    const filled = await fill(admin, file, { from: sealedWith, to: key })
    const migrated = await migrate(admin, own)
    return { ...filled, from: head.at, migrated }
  } finally {
    await admin.end()
  }
}

const checkFile = async (file: string): Promise<Head> => {
  let head: Head | null = null
  for await (const line of readLines(file)) if (line.kind === 'head') head = line.head
  return head!
}

const checkOf = (key: Uint8Array): string => createHmac('sha256', key).update('viewport key check').digest('hex')

const keyFor = (head: Head, key: Uint8Array, oldKey: Uint8Array | undefined): Uint8Array => {
  const candidates = [key, oldKey, head.key === null ? undefined : Buffer.from(head.key, 'base64')]
  const found = candidates.find((one) => one !== undefined && checkOf(one) === head.keyCheck)
  if (!found) throw new Error('The secrets in this backup are sealed with another key, which is not in the file. Give that key (VIEWPORT_KEY or the file "key" of the installation that wrote it).')
  return found
}

const migrationsOf = (head: Head, own: Migration[]): Migration[] => {
  for (const then of head.migrations) {
    const now = own.find((one) => one.number === then.number)
    if (!now) throw new Error(`The backup was written by a newer Viewport (migration ${then.number}-${then.name}). Restore it with that version.`)
    if (now.checksum !== then.checksum) throw new Error(`The backup was written by a Viewport whose migration ${then.number}-${then.name} was another one. Restore it with that version.`)
  }
  return own.filter((one) => head.migrations.some((then) => then.number === one.number))
}

const refuseWhenUsed = async (admin: pg.Client, replace: boolean): Promise<void> => {
  const { rows: there } = await admin.query<{ vp: boolean; others: number }>(`select to_regproc('vp.workspace_ids') is not null as vp, (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and (application_name in ('viewport app', 'viewport nudges') or application_name like 'viewport engine%'))::int as others`)
  if (there[0]!.others > 0) throw new Error('A Viewport is connected to this database. Stop it first; nothing was changed.')
  if (replace || !there[0]!.vp) return
  const { rows } = await admin.query<{ count: number }>('select count(*) from vp.workspace_ids()')
  if (rows[0]!.count > 0) throw new Error(`This database holds a Viewport with ${rows[0]!.count} ${rows[0]!.count === 1 ? 'workspace' : 'workspaces'}. Restore into an empty one, or say that it is to be replaced.`)
}

const batchRows = 500
const batchBytes = 4_000_000

const fill = async (admin: pg.Client, file: string, keys: { from: Uint8Array; to: Uint8Array }): Promise<Pick<Restored, 'workspaces' | 'rows' | 'facts'>> => {
  await admin.query('begin')
  try {
    await admin.query('set local role vp_owner')
    const tables = new Map((await tablesOf(admin)).map((table) => [table.name, table]))
    const workspaces = new Set<string>()
    let [rows, facts, open]: [number, number, Opening | null] = [0, 0, null]
    let [waiting, bytes]: [Row[], number] = [[], 0]
    const flush = async (): Promise<void> => {
      if (open && waiting.length > 0) await insert(admin, tables, open, waiting, keys)
      rows += waiting.length
      ;[waiting, bytes] = [[], 0]
    }
    for await (const line of readLines(file)) {
      if (line.kind === 'open') {
        await flush()
        open = line.open
        if (open.workspace !== null) {
          workspaces.add(open.workspace)
          await admin.query(`select set_config('vp.workspace', $1, true)`, [open.workspace])
        }
      } else if (line.kind === 'row') {
        waiting.push(line.row)
        bytes += line.row.reduce((sum, value) => sum + (value?.length ?? 0), 0)
        if (waiting.length >= batchRows || bytes > batchBytes) await flush()
      }
    }
    await flush()
    await afterwards(admin, tables, keys.to)
    for (const workspace of workspaces) facts += await verified(admin, workspace)
    await admin.query('commit')
    return { workspaces: workspaces.size, rows, facts }
  } catch (error) {
    await admin.query('rollback').catch(() => {})
    throw error
  }
}

const insert = async (admin: pg.Client, tables: Map<string, Table>, { table: name, columns }: Opening, rows: Row[], keys: { from: Uint8Array; to: Uint8Array }): Promise<void> => {
  const table = tables.get(name)
  if (!table) throw new Error(`The backup has a table ${name} that this schema does not have.`)
  const sealed = sealedColumns[name]
  const at = sealed ? { secret: columns.indexOf(sealed.column), named: columns.indexOf(sealed.named) } : null
  const mend = (row: Row): Row => (at && sealed ? row.map((value, i) => (i === at.secret ? reseal(sealed.purpose(row[at.named]!), value!, keys.from, keys.to) : value)) : row)
  const list = rows.map(mend)
  const typeOf = (column: string): string => {
    const found = table.columns.find((one) => one.name === column)
    if (!found) throw new Error(`The backup has a column ${name}.${column} that this schema does not have.`)
    return found.type
  }
  await admin.query(
    `insert into vp."${name}" (${columns.map((one) => `"${one}"`).join(', ')}) overriding system value
     select ${columns.map((one, i) => `v.c${i}::${typeOf(one)}`).join(', ')} from unnest(${columns.map((_, i) => `$${i + 1}::text[]`).join(', ')}) as v (${columns.map((_, i) => `c${i}`).join(', ')})`,
    columns.map((_, i) => list.map((row) => row[i] ?? null)),
  )
}

/** Counters go on after the highest row; the engine's schema is made anew and told again what is due; the key is the one given. */
const afterwards = async (admin: pg.Client, tables: Map<string, Table>, key: Uint8Array): Promise<void> => {
  await admin.query('update vp.installation set engine = null, key_check = $1', [checkOf(key)])
  const { rows } = await admin.query<{ table: string; column: string; sequence: string }>(`select c.relname as table, a.attname as column, pg_get_serial_sequence('vp.' || quote_ident(c.relname), a.attname) as sequence from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'vp'::regnamespace and c.relkind = 'r' and a.attidentity <> ''`)
  for (const { table, column, sequence } of rows) {
    if (!tables.has(table)) continue
    // Row-level security hides other workspaces' rows here, so every workspace's highest is asked for.
    let last = 0
    const ids = (await admin.query<{ id: string }>('select workspace_ids as id from vp.workspace_ids()')).rows
    for (const { id } of ids) {
      await admin.query(`select set_config('vp.workspace', $1, true)`, [id])
      last = Math.max(last, (await admin.query<{ max: number | null }>(`select max("${column}") as max from vp."${table}"`)).rows[0]!.max ?? 0)
    }
    if (last > 0) await admin.query('select setval($1, $2)', [sequence, last])
  }
}

const verified = async (admin: pg.Client, workspace: string): Promise<number> => {
  await admin.query(`select set_config('vp.workspace', $1, true)`, [workspace])
  const tx: Tx = { workspace, query: (text, values) => (typeof text === 'string' ? admin.query(text, values) : admin.query(text.text, values)), nudge: () => {}, atEnd: () => {}, withCommit: () => {} }
  const { facts, faults } = await verifyWorkspace(tx)
  if (faults.length > 0) throw new Error(`The facts in this backup do not hold, so nothing was restored:\n${faults.join('\n')}`)
  return facts
}
