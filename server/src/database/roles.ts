/**
 * Which roles does Viewport use in PostgreSQL, and how do they get there?
 *
 * `vp_owner` owns our schema, `vp_app` may only use it under row-level security, `vp_engine` owns the engine's schema,
 * `vp_lookup` owns the few functions that read before the tenant is known. None of the four can log in.
 * Two login roles per database (`vp_app_HASH`, `vp_engine_HASH`) are members of one each, so that two Viewports in one
 * PostgreSQL never share a password. Their passwords are derived from the key, so every replica finds the same ones.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Client } from 'pg'

const groupRoles = ['vp_owner', 'vp_app', 'vp_engine', 'vp_lookup'] as const

/** A login role of this database: name and password. */
type Login = { readonly user: string; readonly password: string }

/** The login roles of a database. `key`: 32 bytes that every replica shares. */
export const loginsOf = (database: string, key: Uint8Array): { app: Login; engine: Login } => {
  const tail = createHash('sha256').update(database).digest('hex').slice(0, 8)
  const password = (role: string) =>
    createHmac('sha256', key).update(`viewport database role ${role} of ${database}`).digest('base64url')
  return {
    app: { user: `vp_app_${tail}`, password: password('app') },
    engine: { user: `vp_engine_${tail}`, password: password('engine') },
  }
}

/** What the connected user lacks to set Viewport up, as one sentence per lack. Empty when nothing is missing. */
export const lacking = async (admin: Client): Promise<string[]> => {
  const { rows } = await admin.query<{
    user: string
    database: string
    super: boolean
    roles: boolean
    owner: boolean
    version: number
    encoding: string
  }>(
    `select current_user as user, current_database() as database, r.rolsuper as super, r.rolcreaterole as roles,
            pg_has_role(d.datdba, 'usage') as owner, current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding
       from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`,
  )
  const it = rows[0]!
  const missing: string[] = []
  if (it.version < 150_000)
    missing.push(
      `PostgreSQL 15 or newer is needed; this server is ${Math.floor(it.version / 10_000)}. Upgrade it or use another one`,
    )
  if (it.encoding !== 'UTF8')
    missing.push(
      `the database must have the encoding UTF8, not ${it.encoding}: run "CREATE DATABASE viewport ENCODING 'UTF8' TEMPLATE template0" and use that one`,
    )
  if (it.super) return missing
  if (!it.roles)
    missing.push(`the user ${it.user} may not create roles: run "ALTER ROLE ${it.user} CREATEROLE" as a superuser`)
  if (!it.owner)
    missing.push(
      `the user ${it.user} does not own the database: run "ALTER DATABASE ${it.database} OWNER TO ${it.user}" as a superuser`,
    )
  return missing
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Makes the group roles where they are missing and lets the connected user act as each of them. Roles belong to the whole server, so another database's start may race with us. */
export const ensureGroupRoles = async (admin: Client): Promise<void> => {
  for (const role of groupRoles) {
    await admin.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
    exception when duplicate_object or unique_violation then null; end $$`)
    await grantRole(admin, role, 'current_user')
  }
  await grantRole(admin, 'vp_lookup', 'vp_owner') // so that a migration may hand a function over
}

const grantRole = async (admin: Client, role: string, to: string): Promise<void> => {
  const { rows } = await admin.query<{ has: boolean }>(
    `select exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles u on u.oid = m.member
       where g.rolname = $1 and u.rolname = ${to === 'current_user' ? 'current_user' : quote(to)}
         and (to_jsonb(m) ->> 'set_option' is distinct from 'false')) as has`,
    [role],
  )
  if (rows[0]!.has) return
  // A concurrent start may grant the same thing: the catalog row then exists, or was changed under us.
  await admin.query(
    `do $$ begin grant ${role} to ${to}; exception when unique_violation or internal_error then null; end $$`,
  )
}

/** Makes a login role with this password, member of one group role. Changes the password only when it no longer fits. */
export const ensureLogin = async (
  admin: Client,
  login: Login,
  group: (typeof groupRoles)[number],
  passwordFits: () => Promise<boolean>,
): Promise<void> => {
  const { rows } = await admin.query('select from pg_roles where rolname = $1', [login.user])
  if (rows.length === 0) {
    await admin.query(
      `do $$ begin create role ${login.user} login password ${quote(login.password)}; exception when duplicate_object or unique_violation then null; end $$`,
    )
    await grantRole(admin, group, login.user)
    return
  }
  await grantRole(admin, group, login.user)
  if (!(await passwordFits())) await admin.query(`alter role ${login.user} password ${quote(login.password)}`)
}
