/**
 * How does a program come in for a person?
 * With an API token that ends by itself, can be revoked, and is shown once. It holds the person's rights as they are at each request.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { record } from '../ledger/pending.ts'
import { freshSecret, hashOf } from './secret.ts'

type Person = Extract<Actor, { kind: 'person' }>
const tokensPerPerson = 50
const day = 86_400_000

/** Makes a token of this person; `days`: how long it lives; `local`: it lies on the disk of the control plane's machine, or was made with the one that does. */
export const makeToken = async (
  tx: Tx,
  by: Person,
  { name, days, local }: { readonly name: string; readonly days: number; readonly local: boolean },
): Promise<{ token: string; expiresAt: number } | Refusal> => {
  const secret = freshSecret('vpt')
  const token = freshId('tok')
  const { rows } = await tx.query<{ expires_at: number }>(
    `insert into vp.api_tokens (workspace, token, hash, person, name, expires_at, local) select $1, $2, $3, $4, $5, vp.now_ms() + $6, $8
     where (select count(*) from vp.api_tokens where workspace = $1 and person = $4 and revoked_at is null and expires_at > vp.now_ms()) < $7 returning expires_at`,
    [tx.workspace, token, hashOf(secret), by.id, name, days * day, tokensPerPerson, local],
  )
  const made = rows[0]
  if (!made)
    return refuse('not_allowed', {
      who: by.name,
      why: `${tokensPerPerson} API tokens are the most a person can have; revoke one first`,
    })
  record(tx, { type: 'token.made', by, data: { token, person: by.id, name, expiresAt: made.expires_at } })
  return { token: secret, expiresAt: made.expires_at }
}

/** Revokes a token of this person; false when there is none. */
export const revokeToken = async (tx: Tx, by: Person, token: string): Promise<boolean> => {
  const { rowCount } = await tx.query(
    'update vp.api_tokens set revoked_at = vp.now_ms() where workspace = $1 and token = $2 and person = $3 and revoked_at is null',
    [tx.workspace, token, by.id],
  )
  if (rowCount === 0) return false
  record(tx, { type: 'token.revoked', by, data: { token, person: by.id } })
  return true
}

/** The tokens of a person that still work, newest first. */
export const readTokens = async (
  tx: Tx,
  person: string,
): Promise<{ id: string; name: string; createdAt: number; expiresAt: number; usedAt: number | null }[]> =>
  (
    await tx.query<{ id: string; name: string; createdAt: number; expiresAt: number; usedAt: number | null }>(
      'select token as id, name, created_at as "createdAt", expires_at as "expiresAt", used_at as "usedAt" from vp.api_tokens where workspace = $1 and person = $2 and revoked_at is null and expires_at > vp.now_ms() order by created_at desc, token',
      [tx.workspace, person],
    )
  ).rows
