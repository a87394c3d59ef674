/**
 * Which secrets of before does a webhook address still take, and until when?
 * One that was replaced goes on being taken until a moment that is shown, because its sender signs with it until somebody has changed it there.
 */
import type { OldSecret } from '@viewportai/core/api/old-secrets'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { seal, unseal } from '../keys/box.ts'
import { oldSecretPurpose } from '../keys/sealed.ts'

/** So many of an address are taken at once. */
export const oldAtMost = 4

const listed = {
  name: 'old secrets',
  text: `select o.source, o.since, o.until, (select d.received_at from vp.deliveries d
      where d.workspace = $1 and d.source = o.source and d.old_secret = o.secret order by d.received_at desc limit 1) as "lastAt"
    from vp.old_secrets o where o.workspace = $1 and o.until > vp.now_ms() order by o.source, o.secret desc`,
}

/** Those of every address of the workspace, without the secrets: by the address, the newest first. */
export const readOldSecrets = async (tx: Tx): Promise<ReadonlyMap<string, readonly OldSecret[]>> => {
  const all = new Map<string, OldSecret[]>()
  for (const { source, ...one } of (await tx.query<OldSecret & { source: string }>(listed, [tx.workspace])).rows)
    all.set(source, [...(all.get(source) ?? []), one])
  return all
}

/**
 * The secret that signs is another one from now on: every program judges anew. `before`: the secret until now, null where there was none; it is taken
 * `hours` longer, and with 0 neither it nor an older one. Gives until when (ms), or null. The caller keeps the new one, in the same transaction.
 */
export const replaceSecret = async (
  tx: Tx,
  key: Uint8Array,
  { source, name }: { readonly source: string; readonly name: string },
  before: string | null,
  hours: number,
): Promise<{ readonly oldUntil: number | null } | Refusal> => {
  if (hours === 0)
    await tx.query('delete from vp.old_secrets where workspace = $1 and source = $2', [tx.workspace, source])
  // Locks the row: of two changes at once the second one sees the first.
  const { rows } = await tx.query<{ was: number }>(
    'update vp.sources set signing = signing + 1 where workspace = $1 and source = $2 and removed_at is null returning signing - 1 as was',
    [tx.workspace, source],
  )
  if (hours === 0 || before === null || !rows[0]) return { oldUntil: null }
  const { rowCount: count } = await tx.query(
    'select from vp.old_secrets where workspace = $1 and source = $2 and until > vp.now_ms()',
    [tx.workspace, source],
  )
  if (count !== null && count >= oldAtMost) return refuse('many_old_secrets', { name, count })
  const { rows: kept } = await tx.query<{ until: number }>(
    'insert into vp.old_secrets (workspace, source, secret, sealed, until) values ($1, $2, $3, $4, vp.now_ms() + $5) returning until',
    [tx.workspace, source, rows[0].was, seal(key, oldSecretPurpose(source), before), hours * 3_600_000],
  )
  return { oldUntil: kept[0]!.until }
}

/** Ends all of an address now, whichever program remembers them. Gives how many were still taken. */
export const endOldSecrets = async (tx: Tx, source: string): Promise<number> => {
  const { rows } = await tx.query<{ taken: boolean }>(
    'delete from vp.old_secrets where workspace = $1 and source = $2 returning until > vp.now_ms() as taken',
    [tx.workspace, source],
  )
  await tx.query('update vp.sources set signing = signing + 1 where workspace = $1 and source = $2', [
    tx.workspace,
    source,
  ])
  return rows.filter(({ taken }) => taken).length
}

/** Erases what is not taken any more. */
export const forgetOldSecrets = (tx: Tx): Promise<unknown> =>
  tx.query('delete from vp.old_secrets where workspace = $1 and until < vp.now_ms()', [tx.workspace])

/** The secret itself. Throws when the installation's key is another one. */
export const openOldSecret = (key: Uint8Array, source: string, sealed: string): string =>
  unseal(key, oldSecretPurpose(source), sealed)
