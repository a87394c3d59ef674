/** Which tables and columns does our schema have, in an order in which rows can be written? Read from the database itself. */
import type { Client } from 'pg'

type Column = { readonly name: string; readonly type: string }
export type Table = {
  readonly name: string
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  /** Has a workspace column: rows are of one tenant. */ readonly tenant: boolean
  readonly references: readonly string[]
}

/** Every logged table of schema vp, parents before children, else by name. */
export const tablesOf = async (client: Client): Promise<Table[]> => {
  const { rows } = await client.query<{
    name: string
    columns: Column[]
    key: string[] | null
    refs: string[] | null
  }>(`
    select c.relname as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select json_agg(a.attname order by array_position(k.conkey, a.attnum)) from pg_constraint k join pg_attribute a on a.attrelid = c.oid and a.attnum = any(k.conkey) where k.conrelid = c.oid and k.contype = 'p') as key,
      (select json_agg(distinct r.relname) from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = c.oid and k.contype = 'f' and r.oid <> c.oid) as refs
    from pg_class c where c.relnamespace = 'vp'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p' order by c.relname`)
  const tables = rows.map((row): Table => ({
    name: row.name,
    columns: row.columns,
    key: row.key ?? [],
    tenant: row.columns.some((column) => column.name === 'workspace'),
    references: row.refs ?? [],
  }))
  return parentsFirst(tables)
}

const parentsFirst = (tables: Table[]): Table[] => {
  const placed: Table[] = []
  let rest = tables
  while (rest.length > 0) {
    const ready = rest.filter((table) => table.references.every((parent) => placed.some((one) => one.name === parent)))
    if (ready.length === 0)
      throw new Error(`The tables ${rest.map((table) => table.name).join(', ')} refer to each other in a circle.`)
    placed.push(...ready)
    rest = rest.filter((table) => !ready.includes(table))
  }
  return placed
}
