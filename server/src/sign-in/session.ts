/**
 * How does a session begin, stay and end?
 * A cookie that scripts cannot read holds a random secret; it is exchanged while it is in use and dies when it is not.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import type { Database } from '../database/open.ts'
import { sessionCookie, type Asker } from './asker.ts'
import { freshSecret, hashOf } from './secret.ts'

const hour = 3_600_000
/** Unused for this long, a session is over. */
const livesMillis = 7 * 24 * hour
/** Older than this, a secret is exchanged for a new one at the next look at `/api/me`; the old one serves requests under way. */
const exchangeMillis = 12 * hour
const graceMillis = 60_000

/** Opens a session and gives its secret for the cookie. `agent`: what the browser calls itself; `token`: what vouches for it, null: a person. */
export const openSession = async (
  tx: Tx,
  person: string,
  agent: string | undefined,
  { csrf = randomBytes(16).toString('base64url'), token }: { readonly csrf?: string; readonly token: Asker['token'] },
): Promise<string> => {
  const secret = freshSecret('vps')
  await tx.query(
    'insert into vp.sessions (workspace, hash, person, expires_at, agent, csrf, by_token) values ($1, $2, $3, vp.now_ms() + $4, $5, $6, $7)',
    [tx.workspace, hashOf(secret), person, livesMillis, agent?.slice(0, 300) ?? null, csrf, token],
  )
  return secret
}

/** Ends one session. Nothing happens when it is over already. */
export const endSession = async (tx: Tx, hash: string): Promise<void> => {
  await tx.query('delete from vp.sessions where workspace = $1 and hash = $2', [tx.workspace, hash])
}

/** Ends everything by which a person is known: sessions, links, tokens. */
export const endAllOf = async (tx: Tx, person: string): Promise<void> => {
  await tx.query('delete from vp.sessions where workspace = $1 and person = $2', [tx.workspace, person])
  await tx.query(
    'update vp.sign_in_links set used_at = vp.now_ms() where workspace = $1 and person = $2 and used_at is null',
    [tx.workspace, person],
  )
  await tx.query(
    'update vp.api_tokens set revoked_at = vp.now_ms() where workspace = $1 and person = $2 and revoked_at is null',
    [tx.workspace, person],
  )
}

/** Exchanges a session's secret when it is old, so that a stolen one is of use for a short time. Two pages at once get one each. */
export const exchangeOld = async (db: Database, asker: Asker, reply: FastifyReply, secure: boolean): Promise<void> => {
  if (asker.by.auth !== 'session' || asker.by.ageMillis < exchangeMillis) return
  const { hash, csrf } = asker.by
  const secret = await inWorkspace(db, asker.workspace, async (tx) => {
    const { rows } = await tx.query<{ agent: string | null }>(
      'update vp.sessions set expires_at = least(expires_at, vp.now_ms() + $3) where workspace = $1 and hash = $2 returning agent',
      [tx.workspace, hash, graceMillis],
    )
    return rows[0] ? openSession(tx, asker.person, rows[0].agent ?? undefined, { csrf, token: asker.token }) : null
  })
  if (secret !== null) giveCookie(reply, secret, secure)
}

/** Sets the session's cookie. Lax: a link from a chat opens the inbox signed in, and no other site's form or script can use it. */
export const giveCookie = (reply: FastifyReply, secret: string, secure: boolean): void => {
  void reply.setCookie(sessionCookie(secure), secret, {
    httpOnly: true,
    sameSite: 'lax',
    secure,
    path: '/',
    maxAge: livesMillis / 1_000,
  })
}

export const takeCookie = (reply: FastifyReply, secure: boolean): void => {
  void reply.clearCookie(sessionCookie(secure), { httpOnly: true, sameSite: 'lax', secure, path: '/' })
}
