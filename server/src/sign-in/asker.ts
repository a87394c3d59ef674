/**
 * Who asks?
 * A session's cookie or an API token, looked up for every request, so that whoever was removed is nobody at once.
 */
import type { FastifyRequest } from 'fastify'
import type { Via } from '@viewportai/core/run/facts'
import type { z } from 'zod'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { hashOf, looksLike } from './secret.ts'

/** `local`: that of the commands on the control plane's own machine, which lies there on the disk. */
export type TokenKind = 'token' | 'local'

/** A signed-in person of one workspace, with role and teams (slugs) as they are now. */
export type Asker = {
  readonly workspace: string
  readonly person: string
  readonly handle: string
  readonly name: string
  readonly role: 'admin' | 'member'
  readonly teams: string[]
  /** What vouches in the end: null: a sign-in of their own; else a token, also by a link that it made. */
  readonly token: TokenKind | null
  readonly by:
    | { readonly auth: 'session'; readonly hash: string; readonly csrf: string; readonly ageMillis: number }
    | { readonly auth: 'token'; readonly token: string }
}

/** The cookie's name; with the `__Host-` prefix a browser takes it over TLS only and from this very host. */
export const sessionCookie = (secure: boolean): string => (secure ? '__Host-viewport' : 'viewport')

const bySession = { name: 'asker by session', text: 'select * from vp.asker_of_session($1)' }
const byToken = { name: 'asker by token', text: 'select * from vp.asker_of_token($1)' }
const seenEvery = 60_000

type Row = Omit<Asker, 'by' | 'token'> & { by_token: TokenKind | null; now: number }

/** The asker of a request, or null. A request that carries a token is judged by the token alone, whatever cookie comes along. */
export const askerOf = async (db: Database, request: FastifyRequest, secure: boolean): Promise<Asker | null> => {
  const given = request.headers.authorization
  if (given !== undefined) {
    const token = /^Bearer (\S+)$/i.exec(given)?.[1]
    return token !== undefined && looksLike('vpt', token) ? ofToken(db, hashOf(token)) : null
  }
  const secret = request.cookies[sessionCookie(secure)]
  return secret !== undefined && looksLike('vps', secret) ? ofSession(db, hashOf(secret)) : null
}

const ofSession = async (db: Database, hash: string): Promise<Asker | null> => {
  const { rows } = await db.app.query<Row & { csrf: string; created_at: number; seen_at: number }>({
    ...bySession,
    values: [hash],
  })
  const row = rows[0]
  if (!row) return null
  if (row.now - row.seen_at > seenEvery)
    await seen(
      db,
      row.workspace,
      'update vp.sessions set seen_at = vp.now_ms() where workspace = $1 and hash = $2',
      hash,
    )
  return { ...personOf(row), by: { auth: 'session', hash, csrf: row.csrf, ageMillis: row.now - row.created_at } }
}

const ofToken = async (db: Database, hash: string): Promise<Asker | null> => {
  const { rows } = await db.app.query<Row & { token: string; used_at: number | null }>({ ...byToken, values: [hash] })
  const row = rows[0]
  if (!row) return null
  if (row.now - (row.used_at ?? 0) > seenEvery)
    await seen(
      db,
      row.workspace,
      'update vp.api_tokens set used_at = vp.now_ms() where workspace = $1 and token = $2',
      row.token,
    )
  return { ...personOf(row), by: { auth: 'token', token: row.token } }
}

const personOf = ({ workspace, person, handle, name, role, teams, by_token }: Row): Omit<Asker, 'by'> => ({
  workspace,
  person,
  handle,
  name,
  role,
  teams,
  token: by_token,
})

/** Notes when a session or token was last seen, at most once a minute. */
const seen = async (db: Database, workspace: string, text: string, which: string): Promise<void> => {
  await inWorkspace(db, workspace, (tx) => tx.query(text, [workspace, which]))
}

/** The asker as the one who did it, in a fact. */
export const asPerson = ({ person, name }: Asker): { kind: 'person'; id: string; name: string } => ({
  kind: 'person',
  id: person,
  name,
})

/** How a decision of this request is recorded: a session that began with a token's link is as good as the token. */
export const viaOf = (asker: Asker, agent: string | undefined): z.infer<typeof Via> =>
  asker.by.auth === 'session'
    ? { surface: 'web', auth: asker.token === null ? 'session' : 'token' }
    : { surface: /^viewport\//.test(agent ?? '') ? 'cli' : 'api', auth: 'token' }
