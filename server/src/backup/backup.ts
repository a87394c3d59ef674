/**
 * How is everything that Viewport knows written to one file?
 * All our tables of every workspace, as of one moment, while work goes on. The engine's own rows are left out: what is due
 * is ours, and the engine is told again after a restore.
 */
import { rename, rm } from 'node:fs/promises'
import type { Client } from 'pg'
import { tablesOf, type Table } from '../database/catalog.ts'
import type { Database } from '../database/open.ts'
import { checkOf } from './fill.ts'
import { format, writeLines, type Head, type Writer } from './format.ts'

type BackupOptions = {
  /** The installation's key. It is written into the file only with `includeKey`. */
  readonly key: Uint8Array
  /** Put the key into the file: then the file alone opens signing keys and webhook secrets. Keep it like a password. */
  readonly includeKey?: boolean
}
type BackedUp = {
  readonly file: string
  readonly workspaces: number
  readonly tables: number
  readonly rows: number
  readonly sha256: string
  readonly words: string
}

/** Writes the backup. The file must not exist; half a file is never left behind. */
export const backup = async (
  db: Pick<Database, 'asOwner'>,
  file: string,
  { key, includeKey = false }: BackupOptions,
): Promise<BackedUp> => {
  const half = `${file}.part`
  try {
    const written = await db.asOwner(async (owner) => {
      const out = writeLines(half)
      try {
        const all = await writeAll(owner, out, key, includeKey)
        return { ...(await out.end()), ...all }
      } catch (error) {
        await out.abandon()
        throw error
      }
    })
    await rename(half, file).catch(async (error: unknown) => {
      await rm(half, { force: true })
      throw error
    })
    const { workspaces, tables, rows, sha256 } = written
    return { file, workspaces, tables, rows, sha256, words: wordsOf(includeKey) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new Error(
        `${half} exists: another backup is being written there, or was cut off. Remove it or choose another name.`,
        { cause: error },
      )
    throw error
  }
}

const writeAll = async (
  owner: Client,
  out: Writer,
  key: Uint8Array,
  includeKey: boolean,
): Promise<{ workspaces: number; tables: number }> => {
  await owner.query('begin isolation level repeatable read read only')
  await out.line(await headOf(owner, key, includeKey))
  const { rows: workspaces } = await owner.query<{ id: string }>('select workspace_ids as id from vp.workspace_ids()')
  const tables = await tablesOf(owner)
  for (const table of tables.filter((one) => !one.tenant && one.name !== 'migrations'))
    await writeTable(owner, out, table, null)
  for (const { id } of workspaces) {
    await owner.query(`select set_config('vp.workspace', $1, true)`, [id])
    for (const table of tables.filter((one) => one.tenant)) await writeTable(owner, out, table, id)
  }
  await owner.query('commit')
  return { workspaces: workspaces.length, tables: tables.length }
}

const wordsOf = (includeKey: boolean): string =>
  includeKey
    ? 'The file holds the installation key: whoever has it can sign as this control plane and read its webhook secrets. Keep it like a password.'
    : 'Signing keys and webhook secrets in the file are sealed; the installation key (VIEWPORT_KEY or the file "key") is not in it. Keep that key somewhere else: without it the backup can be restored, but its secrets cannot be opened.'

const headOf = async (owner: Client, key: Uint8Array, includeKey: boolean): Promise<Head> => {
  const { rows: migrations } = await owner.query<Head['migrations'][number]>(
    'select number, name, checksum from vp.migrations order by number',
  )
  const { rows } = await owner.query<{ id: string; at: string }>(
    `select id, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from vp.installation`,
  )
  return {
    viewport: 'backup',
    format,
    installation: rows[0]!.id,
    at: rows[0]!.at,
    migrations,
    keyCheck: checkOf(key),
    key: includeKey ? Buffer.from(key).toString('base64') : null,
  }
}

const batch = 500

const writeTable = async (owner: Client, out: Writer, table: Table, workspace: string | null): Promise<void> => {
  const columns = table.columns.map((column) => column.name)
  const where = workspace === null ? '' : 'where workspace = $1'
  await owner.query(
    `declare rows no scroll cursor for select ${columns.map((name) => `"${name}"::text`).join(', ')} from vp."${table.name}" ${where} order by ${table.key.map((name) => `"${name}"`).join(', ') || '1'}`,
    workspace === null ? [] : [workspace],
  )
  let opened = false
  for (;;) {
    const { rows } = await owner.query<(string | null)[]>({ text: `fetch ${batch} from rows`, rowMode: 'array' })
    if (rows.length === 0) break
    if (!opened) await out.line({ table: table.name, workspace, columns })
    opened = true
    for (const row of rows) await out.line(row)
  }
  await owner.query('close rows')
}
