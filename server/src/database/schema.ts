/**
 * What is the schema now, after all migrations, as one text that can be read and compared?
 * Written from the catalog in a fixed order; server/schema.sql is this text.
 */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../embedded/start.ts'
import { stopEmbedded } from '../embedded/stop.ts'
import { migrate, ownMigrations } from './migrate.ts'
import { ensureGroupRoles } from './roles.ts'

/** The schema text of this program's migrations, made in a database of its own that is thrown away. Takes about a second. */
export const schemaOfMigrations = async (): Promise<string> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-schema-'))
  chmodSync(folder, 0o711) // the user who runs PostgreSQL passes through
  const running = await startEmbedded(path.join(folder, 'data'))
  try {
    const admin = new pg.Client({ connectionString: running.url })
    await admin.connect()
    try {
      await ensureGroupRoles(admin)
      await migrate(admin, ownMigrations())
      return await schemaText(admin)
    } finally {
      await admin.end()
    }
  } finally {
    await stopEmbedded(running)
    rmSync(folder, { recursive: true, force: true })
    if (running.place.elsewhere) rmSync(running.place.folder, { recursive: true, force: true })
  }
}

/** The schema `vp` of a database as text: tables with columns, keys, checks, indexes, triggers, policies and rights; functions; in order of name. */
const schemaText = async (client: pg.Client): Promise<string> => {
  await client.query(`set search_path = ''`)
  const parts: string[] = [
    '-- The schema after all migrations. Written by `npm run dumps`; change it by a new file in server/migrations.',
  ]
  const { rows: tables } = await client.query<{
    oid: number
    name: string
    unlogged: boolean
    rls: boolean
    forced: boolean
    rights: string[] | null
  }>(
    `select c.oid, c.relname as name, c.relpersistence = 'u' as unlogged, c.relrowsecurity as rls, c.relforcerowsecurity as forced, ${rights('c.relacl')} as rights
       from pg_catalog.pg_class c where c.relnamespace = 'vp'::pg_catalog.regnamespace and c.relkind in ('r', 'v', 'm', 'p') order by c.relname`,
  )
  for (const table of tables) parts.push(await tableText(client, table))
  const { rows: functions } = await client.query<{ text: string; owner: string; rights: string[] | null }>(
    `select pg_catalog.pg_get_functiondef(p.oid) as text, r.rolname as owner, ${rights('p.proacl')} as rights from pg_catalog.pg_proc p join pg_catalog.pg_roles r on r.oid = p.proowner where p.pronamespace = 'vp'::pg_catalog.regnamespace order by p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)`,
  )
  for (const { text, owner, rights: granted } of functions)
    parts.push(`${text.trim()};\n-- owner ${owner}; ${(granted ?? []).join('; ') || 'nobody else'}`)
  return `${parts.join('\n\n')}\n`
}

// Rights as "role: WORD, WORD", the owner's own left out; columns are told apart below.
const rights = (acl: string): string =>
  `(select pg_catalog.array_agg(t order by t) from (select coalesce(g.rolname, 'public') || ': ' || pg_catalog.string_agg(pg_catalog.lower(x.privilege_type), ', ' order by x.privilege_type) as t from pg_catalog.aclexplode(${acl}) x left join pg_catalog.pg_roles g on g.oid = x.grantee where x.grantee <> x.grantor group by g.rolname) q)`

const tableText = async (
  client: pg.Client,
  {
    oid,
    name,
    unlogged,
    rls,
    forced,
    rights: granted,
  }: { oid: number; name: string; unlogged: boolean; rls: boolean; forced: boolean; rights: string[] | null },
): Promise<string> => {
  const list = async (text: string): Promise<string[]> =>
    (await client.query<{ t: string }>(text, [oid])).rows.map((row) => row.t)
  const columns =
    await list(`select a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end || case when a.attidentity <> '' then ' generated always as identity' else coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') end as t
    from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`)
  const constraints = await list(
    `select pg_catalog.pg_get_constraintdef(oid) as t from pg_catalog.pg_constraint where conrelid = $1 and contype in ('p', 'u', 'f', 'c') order by contype desc, conname`,
  )
  const indexes = await list(
    `select pg_catalog.pg_get_indexdef(i.indexrelid) as t from pg_catalog.pg_index i where i.indrelid = $1 and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u')) order by 1`,
  )
  const triggers = await list(
    `select pg_catalog.pg_get_triggerdef(t.oid) as t from pg_catalog.pg_trigger t where t.tgrelid = $1 and not t.tgisinternal order by t.tgname`,
  )
  const policies = await list(
    `select 'policy ' || p.polname || ' for ' || case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end || ' to ' || coalesce((select pg_catalog.string_agg(r.rolname, ', ' order by r.rolname) from pg_catalog.pg_roles r where r.oid = any(p.polroles)), 'public') || coalesce(' using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '') || coalesce(' with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') as t from pg_catalog.pg_policy p where p.polrelid = $1 order by p.polname`,
  )
  const byColumn = await list(
    `select a.attname || ' ' || coalesce(g.rolname, 'public') || ': ' || pg_catalog.lower(x.privilege_type) as t from pg_catalog.pg_attribute a cross join lateral pg_catalog.aclexplode(a.attacl) x left join pg_catalog.pg_roles g on g.oid = x.grantee where a.attrelid = $1 and x.grantee <> x.grantor order by 1`,
  )
  return [
    `create ${unlogged ? 'unlogged ' : ''}table vp.${name} (\n  ${[...columns, ...constraints].join(',\n  ')}\n);`,
    ...indexes.map((text) => `${text};`),
    ...triggers.map((text) => `${text};`),
    ...(rls ? [`-- row-level security${forced ? ', forced' : ''}`] : ['-- no row-level security']),
    ...policies.map((text) => `--   ${text}`),
    `-- rights: ${[...(granted ?? []), ...byColumn.map((text) => `column ${text}`)].join('; ') || 'none'}`,
  ].join('\n')
}
