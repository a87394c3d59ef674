/**
 * With which token is GitHub asked?
 * A plain one as it is. For an App: a short one of its installation, got with a word signed by the App's key, kept in memory until shortly before it ends.
 */
import { createHash, createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { Ended } from '@viewportai/core/tools/ended'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection } from '../port.ts'
import { askWith, messageIn } from '@viewportai/core/tools/github/rest'

type Asker = Pick<Connection, 'settings' | 'secrets'>

/** An App got no token: nothing was asked of GitHub beyond that. */
export class TokenRefused extends Ended {
  constructor(why: string) {
    super({
      is: 'failed',
      code: 'refused_there',
      summary: `${why}.`,
      check: 'See the App and its installation, then try again.',
      retrySafe: true,
    })
  }
}

export const isApp = ({ settings, secrets }: Asker): boolean => Boolean(settings['app'] || secrets['private_key'])

const held = new Map<string, { token: string; until: number }>()
const heldAtMost = 1_000

/** Throws TokenRefused, NotSent or NoWholeAnswer. */
export const tokenOf = async (connection: Asker, outside: Outside): Promise<string> => {
  if (!isApp(connection)) return connection.secrets['token'] ?? ''
  const { settings, secrets } = connection
  const key = createHash('sha256')
    .update(JSON.stringify([settings['base'], settings['app'], settings['installation'], secrets['private_key']]))
    .digest('hex')
  const had = held.get(key)
  if (had && had.until > Date.now()) return had.token
  const came = await askWith(
    { settings, token: await appWord(connection) },
    outside,
    'POST',
    `/app/installations/${settings['installation']}/access_tokens`,
  )
  const { token, expires_at: end } = (came.body ?? {}) as { token?: unknown; expires_at?: unknown }
  if (came.status !== 201 || typeof token !== 'string')
    throw new TokenRefused(`GitHub gives the App no token (${came.status}: ${messageIn(came.body) || 'no words'})`)
  if (held.size >= heldAtMost) held.clear()
  const ends = typeof end === 'string' ? Date.parse(end) : Number.NaN
  held.set(key, { token, until: (Number.isFinite(ends) ? ends : Date.now() + 600_000) - 300_000 })
  return token
}

/** A JSON Web Token (RFC 7519) as GitHub wants it of an App: RS256, ten minutes at most, a minute back for clocks. */
export const appWord = async ({ settings, secrets }: Asker): Promise<string> => {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuedAt(now - 60)
    .setExpirationTime(now + 540)
    .setIssuer(settings['app']!)
    .sign(createPrivateKey(secrets['private_key']!))
}
