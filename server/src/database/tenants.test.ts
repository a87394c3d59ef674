/** For every table and view of the catalog, whoever adds it: one tenant can neither read, count, change nor reach the rows of another. */
import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, testDatabase } from '../../test/database.ts'
import { tablesOf, type Table } from './catalog.ts'
import { openDatabase } from './open.ts'
import { inWorkspace } from './tenant.ts'

const made = await testDatabase()
const { db } = made
const tables = await db.asOwner((owner) => tablesOf(owner))
const tenants = tables.filter((table) => table.tenant)
const of: Record<'a' | 'b', string> = {
  a: `ws_${randomBytes(6).toString('hex')}`,
  b: `ws_${randomBytes(6).toString('hex')}`,
}

/** Tables that are of no tenant, with the reason. A new one has to be written here. */
const ofNobody: Record<string, string> = {
  migrations: 'what was applied',
  installation: 'one row about the installation',
  keys: 'signing keys of the control plane, private parts sealed',
  dpop_seen: 'reached by a definer function only',
  tries: 'reached by a definer function only',
}

/** A value that fits the column: the same for the same column name, so that references hold; other ones per tenant. */
const valueOf = async (
  owner: pg.Client,
  table: Table,
  column: string,
  type: string,
  tenant: 'a' | 'b',
): Promise<unknown> => {
  if (column === 'workspace') return of[tenant]
  // The body of a delivery is the one that is kept by this digest, and then it is no other.
  if (column === 'own_body') return null
  if (column === 'body_digest') return createHash('sha256').update(Buffer.of(0)).digest('hex')
  const { rows } = await owner.query<{ def: string }>(
    `select pg_get_constraintdef(k.oid) as def from pg_constraint k where k.conrelid = $1::regclass and k.contype = 'c'`,
    [`vp.${table.name}`],
  )
  const oneOf = rows
    .map(
      ({ def }) =>
        new RegExp(`\\(${column} = ANY \\(ARRAY\\['([^']+)'`).exec(def)?.[1] ??
        new RegExp(`\\(${column} = '([^']+)'`).exec(def)?.[1],
    )
    .find(Boolean)
  if (oneOf) return oneOf
  if (/hash/.test(column) && type === 'text') return (tenant === 'a' ? 'a' : 'b').repeat(64)
  if (type.endsWith('[]')) return '{}'
  if (type === 'json' || type === 'jsonb') return '{}'
  if (type === 'boolean') return true
  if (type === 'bytea') return '\\x00'
  if (/int|numeric|double/.test(type)) return 1
  if (/timestamp/.test(type)) return new Date(0)
  return `${column}_${tenant}`
}

const rowOf = async (
  owner: pg.Client,
  table: Table,
  tenant: 'a' | 'b',
): Promise<{ names: string; places: string; values: unknown[] }> => {
  const values: unknown[] = []
  for (const { name, type } of table.columns) values.push(await valueOf(owner, table, name, type, tenant))
  return {
    names: table.columns.map(({ name }) => `"${name}"`).join(', '),
    places: table.columns.map(({ type }, i) => `$${i + 1}::${type}`).join(', '),
    values,
  }
}
const rows = new Map<string, Record<'a' | 'b', Awaited<ReturnType<typeof rowOf>>>>()

beforeAll(async () => {
  await db.asOwner(async (owner) => {
    for (const table of tenants)
      rows.set(table.name, { a: await rowOf(owner, table, 'a'), b: await rowOf(owner, table, 'b') })
    for (const tenant of ['a', 'b'] as const) {
      await owner.query('begin')
      await owner.query(`select set_config('vp.workspace', $1, true)`, [of[tenant]])
      for (const table of tenants) {
        const { names, places, values } = rows.get(table.name)![tenant]
        await owner.query(
          `insert into vp."${table.name}" (${names}) overriding system value values (${places})`,
          values,
        )
      }
      await owner.query('commit')
    }
  })
})

const asA = <T>(text: string, values: unknown[] = []): Promise<T[]> =>
  inWorkspace(db, of.a, async (tx) => (await tx.query(text, values)).rows as T[])
/** How many rows it touched, or "denied". Anything else fails the test. */
const touched = (text: string, values: unknown[] = []): Promise<number | 'denied'> =>
  inWorkspace(db, of.a, async (tx) => {
    const result = await tx.query(text, values).then(
      ({ rowCount }) => rowCount ?? 0,
      (error: { code?: string; message: string }) => {
        if (error.code === '42501') return 'denied' as const // privileges, or "new row violates row-level security policy"
        if (error.code === '23503') return 1 // its own row, which its own other rows need
        throw error
      },
    )
    throw Object.assign(new Error('undo'), { result })
  }).catch((error: Error & { result?: number | 'denied' }) => {
    if (error.result === undefined) throw error
    return error.result
  })

test('every table of the schema is of a tenant, or is named here with its reason', async () => {
  const { rows: all } = await db.asOwner((owner) =>
    owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'vp'::regnamespace and relkind in ('r', 'p', 'v', 'm') order by 1`,
    ),
  )
  const expected = [...tenants.map((table) => table.name), ...Object.keys(ofNobody)].sort()
  expect(all.map(({ name }) => name).sort()).toEqual(expected)
})

describe.each(tenants.map((table) => [table.name, table] as const))('%s', (name, table) => {
  const column =
    table.columns.find((one) => one.name !== 'workspace' && !table.key.includes(one.name))?.name ?? table.key.at(-1)!

  test('is guarded for everybody, the owner included, and belongs to the owner role', async () => {
    const { rows: found } = await db.asOwner((owner) =>
      owner.query(
        `select c.relrowsecurity as on, c.relforcerowsecurity as forced, r.rolname as owner, (select count(*)::int from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant') as policies from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = $1::regclass`,
        [`vp.${name}`],
      ),
    )
    expect(found).toEqual([{ on: true, forced: true, owner: 'vp_owner', policies: 1 }])
  })
  test('has the workspace first in its key', () => {
    expect(name === 'pairings' || table.key[0] === 'workspace').toBe(true)
  })
  test('shows a tenant its own rows only, and counts no others', async () => {
    expect(await asA(`select workspace from vp."${name}"`)).toEqual([{ workspace: of.a }])
    expect(await asA(`select workspace from vp."${name}" where workspace = $1`, [of.b])).toEqual([])
    expect(await asA(`select count(*)::int as count from vp."${name}"`)).toEqual([{ count: 1 }])
  })
  test('shows nothing without a workspace', async () => {
    expect((await db.app.query(`select from vp."${name}"`)).rowCount).toBe(0)
  })
  test('lets a tenant change or remove no row of another', async () => {
    expect(await touched(`update vp."${name}" set "${column}" = "${column}" where workspace = $1`, [of.b])).toBeOneOf([
      0,
      'denied',
    ])
    expect(await touched(`delete from vp."${name}" where workspace = $1`, [of.b])).toBeOneOf([0, 'denied'])
    expect(await touched(`delete from vp."${name}"`)).toBeOneOf([0, 1, 'denied'])
  })
  test('lets a tenant write no row for another, nor move its own there', async () => {
    const { names, places, values } = rows.get(name)!.b
    expect(
      await touched(`insert into vp."${name}" (${names}) overriding system value values (${places})`, values),
    ).toBe('denied')
    expect(await touched(`update vp."${name}" set workspace = $1`, [of.b])).toBe('denied')
  })
})

describe('the doors that look before the tenant is known', () => {
  test('are owned by vp_lookup, cannot be tricked by a search path, and are closed to the public', async () => {
    const { rows: found } = await db.asOwner((owner) =>
      owner.query<{ name: string; owner: string; config: string[] | null; public: boolean }>(
        `select p.proname as name, r.rolname as owner, p.proconfig as config, has_function_privilege('public', p.oid, 'execute') as public from pg_proc p join pg_roles r on r.oid = p.proowner where p.prosecdef and p.pronamespace = 'vp'::regnamespace order by 1`,
      ),
    )
    expect(found.length).toBeGreaterThan(10)
    for (const one of found)
      expect(one).toEqual({ name: one.name, owner: 'vp_lookup', config: ['search_path=vp, pg_temp'], public: false })
  })
  test('vp_lookup cannot log in, is no superuser, bypasses nothing, and makes nothing new', async () => {
    const { rows: found } = await db.asOwner((owner) =>
      owner.query(
        `select rolcanlogin, rolsuper, rolbypassrls, has_schema_privilege('vp_lookup', 'vp', 'create') as makes from pg_roles where rolname = 'vp_lookup'`,
      ),
    )
    expect(found).toEqual([{ rolcanlogin: false, rolsuper: false, rolbypassrls: false, makes: false }])
  })
  test('views see as who asks', async () => {
    const { rows: found } = await db.asOwner((owner) =>
      owner.query(
        `select relname from pg_class where relnamespace = 'vp'::regnamespace and relkind in ('v', 'm') and not coalesce('security_invoker=true' = any(reloptions), false)`,
      ),
    )
    expect(found).toEqual([])
  })
})

describe('the application’s login', () => {
  test('is no superuser, owns nothing, and is no member of another role', async () => {
    const { rows: found } = await db.app.query(
      `select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, (select array_agg(g.rolname::text order by 1) from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as member, (select count(*)::int from pg_class c where c.relowner = r.oid) as owns from pg_roles r where rolname = current_user`,
    )
    expect(found).toEqual([
      { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false, member: ['vp_app'], owns: 0 },
    ])
  })
  test.each([
    'set role vp_owner',
    'set role vp_lookup',
    'set role vp_engine',
    'create table vp.mine (n int)',
    'create schema mine',
    'create temporary table mine (n int)',
    'alter table vp.facts disable row level security',
    'set session authorization vp_owner',
    'truncate vp.sessions',
  ])('may not: %s', async (text) => {
    await expect(db.app.query(text)).rejects.toMatchObject({ code: '42501' })
  })
  test('has no way into another Viewport of the same server', async () => {
    const other = await emptyDatabase()
    try {
      const opened = await openDatabase({ url: other.url, key: made.key, warn: () => {} })
      const { rows: found } = await db.app.query<{ user: string; may: boolean }>(
        `select current_user as user, has_database_privilege(current_user, $1, 'connect') as may`,
        [opened.database],
      )
      expect(found[0]!.may).toBe(false)
      expect(
        (
          await opened.app.query<{ may: boolean }>(
            `select has_database_privilege(current_user, current_database(), 'connect') as may`,
          )
        ).rows,
      ).toEqual([{ may: true }])
      await opened.close()
    } finally {
      await other.drop()
    }
  })
})

test('one pool serves both tenants at once, and no connection remembers', async () => {
  const seen = await Promise.all(
    Array.from({ length: 120 }, async (_, i) => {
      const tenant = i % 2 ? 'a' : 'b'
      if (i % 7 === 0) await inWorkspace(db, of[tenant], (tx) => tx.query('select 1 / 0')).catch(() => {})
      if (i % 5 === 0) return (await db.app.query('select workspace from vp.people')).rows.length === 0
      const found = await inWorkspace(
        db,
        of[tenant],
        async (tx) => (await tx.query<{ workspace: string }>('select workspace from vp.people')).rows,
      )
      return found.length === 1 && found[0]!.workspace === of[tenant]
    }),
  )
  expect(seen.every(Boolean)).toBe(true)
  await expect(inWorkspace(db, `ws_x'; drop table vp.facts; --`, async () => 1)).rejects.toThrow(/not a workspace id/)
})
