/**
 * How do the rows of a backup get into an empty schema, all or none?
 * In the transaction of the restore, as vp_owner, workspace by workspace under row-level security; secrets are sealed anew when the key is
 * another one; every chain of facts is verified before the commit.
 */
import { createHmac } from 'node:crypto'
import type pg from 'pg'
import { tablesOf, type Table } from '../database/catalog.ts'
import type { Tx } from '../database/tenant.ts'
import { reseal, sealedColumns } from '../keys/sealed.ts'
import { verifyWorkspace } from '../ledger/verify.ts'
import { readLines, type Opening, type Row } from './format.ts'

type Filled = { readonly workspaces: number; readonly rows: number; readonly facts: number }

/** Tells whether a key is the one that sealed the secrets of a database or a backup. */
export const checkOf = (key: Uint8Array): string => createHmac('sha256', key).update('viewport key check').digest('hex')

const batchRows = 500
const batchBytes = 4_000_000

/** Fills the schema, inside the caller's transaction. Throws when a row does not fit or a chain does not hold; the caller keeps nothing then. */
export const fill = async (
  admin: pg.Client,
  file: string,
  keys: { from: Uint8Array; to: Uint8Array },
): Promise<Filled> => {
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
  await admin.query('reset role')
  return { workspaces: workspaces.size, rows, facts }
}

const insert = async (
  admin: pg.Client,
  tables: Map<string, Table>,
  { table: name, columns }: Opening,
  rows: Row[],
  keys: { from: Uint8Array; to: Uint8Array },
): Promise<void> => {
  const table = tables.get(name)
  if (!table) throw new Error(`The backup has a table ${name} that this schema does not have.`)
  const sealed = sealedColumns[name]
  const at = sealed ? { secret: columns.indexOf(sealed.column), named: columns.indexOf(sealed.named) } : null
  const mend = (row: Row): Row =>
    at && sealed
      ? row.map((value, i) =>
          i === at.secret ? reseal(sealed.purpose(row[at.named]!), value!, keys.from, keys.to) : value,
        )
      : row
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
  const { rows } = await admin.query<{ table: string; column: string; sequence: string }>(
    `select c.relname as table, a.attname as column, pg_get_serial_sequence('vp.' || quote_ident(c.relname), a.attname) as sequence from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'vp'::regnamespace and c.relkind = 'r' and a.attidentity <> ''`,
  )
  for (const { table, column, sequence } of rows) {
    if (!tables.has(table)) continue
    // Row-level security hides other workspaces' rows here, so every workspace's highest is asked for.
    let last = 0
    const ids = (await admin.query<{ id: string }>('select workspace_ids as id from vp.workspace_ids()')).rows
    for (const { id } of ids) {
      await admin.query(`select set_config('vp.workspace', $1, true)`, [id])
      last = Math.max(
        last,
        (await admin.query<{ max: number | null }>(`select max("${column}") as max from vp."${table}"`)).rows[0]!.max ??
          0,
      )
    }
    if (last > 0) await admin.query('select setval($1, $2)', [sequence, last])
  }
}

const verified = async (admin: pg.Client, workspace: string): Promise<number> => {
  await admin.query(`select set_config('vp.workspace', $1, true)`, [workspace])
  const tx: Tx = {
    workspace,
    query: (text, values) => (typeof text === 'string' ? admin.query(text, values) : admin.query(text.text, values)),
    send: () => {
      throw new Error('Nothing is written while a backup is verified.')
    },
    nudge: () => {},
    atEnd: () => {},
    withCommit: () => {},
  }
  const { facts, faults } = await verifyWorkspace(tx)
  if (faults.length > 0)
    throw new Error(`The facts in this backup do not hold, so nothing was restored:\n${faults.join('\n')}`)
  return facts
}
