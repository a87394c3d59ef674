/**
 * How does a person come in for the first time? With a link that works once.
 * The secret travels in the part of the address that browsers never send (`#…`), so that no log or preview spends it.
 */
import { inWorkspace, type Tx } from '../database/tenant.ts'
import type { Database } from '../database/open.ts'
import { record } from '../ledger/pending.ts'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import type { TokenKind } from './asker.ts'
import { freshSecret, hashOf, looksLike } from './secret.ts'
import { openSession } from './session.ts'

/** A link lives for 15 minutes. */
const linkMillis = 15 * 60_000

/** Makes a one-time link for a person. `landsOn`: a path of the web app; `url`: the server's own address; `token`: what vouches for who makes it. Null: no such active person. */
export const makeSignInLink = async (
  tx: Tx,
  person: string,
  by: Actor,
  url: string,
  landsOn = '/',
  token: TokenKind | null = null,
): Promise<{ url: string; expiresAt: number } | null> => {
  const secret = freshSecret('vpl')
  const { rows } = await tx.query<{ expires_at: number }>(
    `insert into vp.sign_in_links (workspace, hash, person, lands_on, made_by, by_token, expires_at)
     select workspace, $3, person, $4, $5, $7, vp.now_ms() + $6 from vp.people where workspace = $1 and person = $2 and active returning expires_at`,
    [tx.workspace, person, hashOf(secret), localPath(landsOn), by.kind === 'person' ? by.id : null, linkMillis, token],
  )
  const made = rows[0]
  if (!made) return null
  record(tx, { type: 'sign_in_link.made', by, data: { person, expiresAt: made.expires_at } })
  return { url: `${url}/sign-in#${secret}`, expiresAt: made.expires_at }
}

/** A path inside the app and nothing else: `//evil`, `/\evil` and addresses of other sites become the start page. */
const localPath = (path: string): string => (/^\/(?![/\\])[^\\\s]*$/.test(path) ? path : '/')

/** Takes the link and opens a session, both or neither. */
export const signInWith = async (
  db: Database,
  secret: string,
  agent: string | undefined,
): Promise<{ session: string; to: string } | Refusal> => {
  const used = refuse('sign_in_link_used', {})
  if (!looksLike('vpl', secret)) return used
  const hash = hashOf(secret)
  const { rows } = await db.app.query<{ workspace: string }>({
    name: 'link of',
    text: 'select workspace from vp.sign_in_link_of($1)',
    values: [hash],
  })
  const found = rows[0]
  if (!found) return used
  return inWorkspace(db, found.workspace, async (tx) => {
    const taken = await tx.query<{ person: string; lands_on: string; name: string; by_token: TokenKind | null }>(
      `update vp.sign_in_links l set used_at = vp.now_ms() from vp.people p
       where l.workspace = $1 and l.hash = $2 and l.used_at is null and l.expires_at > vp.now_ms() and p.workspace = l.workspace and p.person = l.person and p.active
       returning l.person, l.lands_on, l.by_token, p.name`,
      [tx.workspace, hash],
    )
    const link = taken.rows[0]
    if (!link) return used
    record(tx, {
      type: 'session.opened',
      by: { kind: 'person', id: link.person, name: link.name },
      data: { person: link.person, auth: 'link' },
    })
    return { session: await openSession(tx, link.person, agent, { token: link.by_token }), to: link.lands_on }
  })
}
