/**
 * With which secrets is signed what goes out to a webhook target?
 * With the one that it has and, for a while after a change, with each of before as well (Standard Webhooks 1.0: the header lists several signatures), so that a receiver can change when it wants.
 */
import type { OldSecret } from '@viewportai/core/api/old-secrets'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { ConnectField } from '@viewportai/core/tools/port'
import { oldSecretName } from '@viewportai/core/tools/webhook/send'
import type { Tx } from '../database/tenant.ts'
import { seal, unseal } from '../keys/box.ts'
import { oldTargetSecretPurpose } from '../keys/sealed.ts'
import { oldAtMost } from '../sources/old-secrets.ts'
import type { Connection, Tool } from './port.ts'

/** The field of a tool with which what goes out is signed. */
export const sendingField = (tool: Pick<Tool, 'fields'>): ConnectField | undefined =>
  tool.fields.find((field) => field.sends)

const listed = {
  name: 'old target secrets',
  text: 'select connection, since, until from vp.old_target_secrets where workspace = $1 and until > vp.now_ms() order by connection, secret desc',
}
const ofOne = {
  name: 'old target secrets of one',
  text: 'select sealed from vp.old_target_secrets where workspace = $1 and connection = $2 and until > vp.now_ms() order by secret desc',
}

/** Those of every target of the workspace, without the secrets: by the connection, the newest first. What is signed with them is not told of each. */
export const readOldSending = async (tx: Tx): Promise<ReadonlyMap<string, readonly OldSecret[]>> => {
  const { rows } = await tx.query<{ connection: string; since: number; until: number }>(listed, [tx.workspace])
  const all = new Map<string, OldSecret[]>()
  for (const { connection, since, until } of rows)
    all.set(connection, [...(all.get(connection) ?? []), { since, until, lastAt: null }])
  return all
}

/**
 * Another secret signs from now on, and the one `before` (null: there was none) for `hours` beside it; with 0 neither it nor an older one. The caller has locked the connection and keeps the
 * new one. Gives until when (ms), or null.
 */
export const replaceSending = async (
  tx: Tx,
  key: Uint8Array,
  { connection, name }: { readonly connection: string; readonly name: string },
  before: string | null,
  hours: number,
): Promise<{ readonly oldUntil: number | null } | Refusal> => {
  if (hours === 0) await endOldSending(tx, connection)
  if (hours === 0 || before === null) return { oldUntil: null }
  const { rows } = await tx.query<{ count: number; next: number }>(
    'select count(*) filter (where until > vp.now_ms())::int as count, coalesce(max(secret), 0) + 1 as next from vp.old_target_secrets where workspace = $1 and connection = $2',
    [tx.workspace, connection],
  )
  const { count, next } = rows[0]!
  if (count >= oldAtMost) return refuse('many_old_secrets', { name, count })
  const kept = await tx.query<{ until: number }>(
    'insert into vp.old_target_secrets (workspace, connection, secret, sealed, until) values ($1, $2, $3, $4, vp.now_ms() + $5) returning until',
    [tx.workspace, connection, next, seal(key, oldTargetSecretPurpose(connection), before), hours * 3_600_000],
  )
  return { oldUntil: kept.rows[0]!.until }
}

/** Ends all of a target now. Gives how many signed still. */
export const endOldSending = async (tx: Tx, connection: string): Promise<number> => {
  const { rows } = await tx.query<{ signed: boolean }>(
    'delete from vp.old_target_secrets where workspace = $1 and connection = $2 returning until > vp.now_ms() as signed',
    [tx.workspace, connection],
  )
  return rows.filter(({ signed }) => signed).length
}

/** Erases what signs nothing any more. */
export const forgetOldSending = (tx: Tx): Promise<unknown> =>
  tx.query('delete from vp.old_target_secrets where workspace = $1 and until < vp.now_ms()', [tx.workspace])

/** The opened connection with the secrets of before that still sign. Throws when the installation's key is another one. */
export const withOldSending = async (tx: Tx, key: Uint8Array, connection: Connection): Promise<Connection> => {
  const { rows } = await tx.query<{ sealed: string }>(ofOne, [tx.workspace, connection.id])
  const old = rows.map(({ sealed }, at) => [
    oldSecretName(at),
    unseal(key, oldTargetSecretPurpose(connection.id), sealed),
  ])
  return { ...connection, secrets: { ...connection.secrets, ...Object.fromEntries(old) } }
}
