/**
 * What must a DPoP proof say to belong to this request? (RFC 9449)
 * Both sides read these rules: the runner writes proofs, the control plane checks them. It never verifies a signature
 * and never remembers a `jti`: the caller does both.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { toBase64url } from './base64url.ts'
import { PublicJwk } from './messages.ts'

/** The only header a proof may have: no `kid`, no `jku`, no `crit`, and a key without a private part. */
export const ProofHeader = z.strictObject({ typ: z.literal('dpop+jwt'), alg: z.literal('EdDSA'), jwk: PublicJwk })
export const ProofClaims = z.object({
  jti: z.string().min(16).max(128),
  htm: z.string(),
  htu: z.string().max(2_000),
  iat: z.int().nonnegative(), // seconds
  ath: z.string().optional(),
})
export type ProofClaims = z.infer<typeof ProofClaims>

/** How old and how far ahead `iat` may be, in seconds. A `jti` is remembered for their sum. */
export const proofWindow = { past: 120, ahead: 60 } as const

/** The `ath` of an access token: base64url of the SHA-256 of its ASCII text. */
export const athOf = (token: string): string => toBase64url(sha256(utf8ToBytes(token)))

/**
 * The `htu` of a URL: scheme, host and path without query and fragment, normalised as RFC 9449 4.3 and RFC 3986 6.2 ask:
 * scheme and host in lower case, no default port, `/` for an empty path, no dot segments, percent triplets in upper case
 * and unreserved characters not escaped. Throws a TypeError when it is not an absolute http(s) URL or holds a user name.
 */
export const htuOf = (url: string): string => {
  const parts = /^(https?):\/\/([^/?#@\\\s]+)((?:\/[^?#]*)?)(?:[?#]|$)/i.exec(url)
  if (!parts) throw new TypeError(`${url} is not an absolute http(s) URL`)
  const scheme = parts[1]!.toLowerCase()
  const host = parts[2]!.toLowerCase().replace(scheme === 'https' ? /:(443)?$/ : /:(80)?$/, '')
  return `${scheme}://${host}${withoutDotSegments(plainEscapes(parts[3]!)) || '/'}`
}

/** Why a proof does not fit a request, or null when it does. `now` in seconds by the checker's clock; `token` null where none is presented. */
export const proofMisfit = (
  claims: ProofClaims,
  request: { method: string; url: string; token: string | null; now: number },
): string | null => {
  if (claims.htm !== request.method.toUpperCase())
    return `it is for ${claims.htm}, not for ${request.method.toUpperCase()}`
  if (safeHtu(claims.htu) !== htuOf(request.url)) return 'it is for another address'
  const age = request.now - claims.iat
  if (age > proofWindow.past) return `it is ${age} seconds old by the control plane's clock`
  if (-age > proofWindow.ahead) return `it is dated ${-age} seconds ahead of the control plane's clock`
  if (request.token === null) return claims.ath === undefined ? null : 'it names a token where none is presented'
  return claims.ath === athOf(request.token) ? null : 'it does not name the presented token'
}

const safeHtu = (htu: string): string | null => {
  try {
    return htuOf(htu)
  } catch {
    return null
  }
}

const plainEscapes = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : triplet.toUpperCase()
  })

// RFC 3986 5.2.4, for a path that is empty or begins with a slash
const withoutDotSegments = (path: string): string => {
  const out: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, at) => {
    const last = at === segments.length - 1
    if (segment === '..') out.pop()
    else if (segment !== '.') out.push(segment)
    if (last && (segment === '.' || segment === '..')) out.push('')
  })
  return out.length ? `/${out.join('/')}` : ''
}
