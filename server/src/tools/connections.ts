/**
 * Which connections to outside tools has a workspace, and with which secrets?
 * Secrets are sealed for their connection alone and opened for one piece of work. A connection is never erased: receipts name it.
 */
import { connectionPurpose } from '../keys/sealed.ts'
import { seal, unseal } from '../keys/box.ts'
import type { Tx } from '../database/tenant.ts'
import type { Account } from '@viewportai/core/tools/port'
import type { Places } from '@viewportai/core/tools/place'
import type { Connection } from './port.ts'

/** As it stands in the database, without secrets. */
export type ConnectionRow = {
  readonly connection: string
  readonly tool: string
  readonly name: string
  readonly settings: Record<string, string>
  readonly account: Account | null
  readonly problem: string | null
  readonly checkedAt: number | null
  readonly createdAt: number
  /** When its settings or secrets were changed last. */
  readonly sealed: string
  /** A runner holds its credential: what is sealed here does not act. */
  readonly held: boolean
  /** What names of repositories meant when they were first seen. */
  readonly places: Places
  /** Its webhook address. */
  readonly source: string | null
  /** When a line to it stood last; null: none did with these settings. */
  readonly lineAt: number | null
}

const columns = `c.connection, c.tool, c.name, c.settings, c.account, c.problem, c.checked_at as "checkedAt", c.created_at as "createdAt", c.sealed, c.held, c.places, c.line_at as "lineAt", s.source`
const from = `from vp.connections c left join vp.sources s on s.workspace = $1 and s.connection = c.connection and s.removed_at is null where c.workspace = $1 and c.removed_at is null`
const listed = { name: 'connections', text: `select ${columns} ${from} order by c.tool, c.created_at, c.connection` }
const one = { name: 'connection', text: `select ${columns} ${from} and c.connection = $2` }

/** All that were not removed. */
export const readConnections = async (tx: Tx): Promise<ConnectionRow[]> =>
  (await tx.query<ConnectionRow>(listed, [tx.workspace])).rows

/** One of them by its id, or null. */
export const readConnection = async (tx: Tx, connection: string): Promise<ConnectionRow | null> =>
  (await tx.query<ConnectionRow>(one, [tx.workspace, connection])).rows[0] ?? null

const ever = {
  name: 'connections ever',
  text: `select c.connection, c.name, c.settings, c.account, c.places, c.removed_at is not null as gone from vp.connections c
    left join vp.sources s on s.workspace = $1 and s.connection = c.connection
    where c.workspace = $1 and c.tool = $2 and (c.connection = any($3) or s.source = $4)`,
}

/** A connection that is there or was removed (`gone`), without secrets. */
type Ever = Pick<ConnectionRow, 'connection' | 'name' | 'settings' | 'account' | 'places'> & { gone: boolean }

/** Those of this tool with these ids, and the one by whose address (`source`) something came. */
export const readEver = async (tx: Tx, tool: string, ids: readonly string[], source: string | null): Promise<Ever[]> =>
  (await tx.query<Ever>(ever, [tx.workspace, tool, ids, source])).rows

/** With its secrets open. Throws when the installation's key is another one. */
export const opened = (
  key: Uint8Array,
  workspace: string,
  row: Omit<ConnectionRow, 'source' | 'lineAt' | 'places'>,
): Connection => ({
  id: row.connection,
  workspace,
  name: row.name,
  settings: row.settings,
  secrets: JSON.parse(unseal(key, connectionPurpose(row.connection), row.sealed)) as Record<string, string>,
  account: row.account,
})

/** The secrets of a connection as they are stored. */
export const sealSecrets = (key: Uint8Array, connection: string, secrets: Readonly<Record<string, string>>): string =>
  seal(key, connectionPurpose(connection), JSON.stringify(secrets))
