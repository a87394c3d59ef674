/**
 * What must a runner's client assertion say to get a token? (private_key_jwt: RFC 7523 section 3)
 * It never verifies the signature: the caller does, with the key that was paired.
 */
import { z } from 'zod'
import { htuOf, proofWindow } from './proof.ts'

export const AssertionClaims = z.object({
  iss: z.string(), // the runner's id, also in sub
  sub: z.string(),
  aud: z.string(), // the address of the token endpoint
  jti: z.string().min(16).max(128),
  iat: z.int().nonnegative(),
  exp: z.int().nonnegative(),
})
export type AssertionClaims = z.infer<typeof AssertionClaims>

/** How long an assertion lives, in seconds. */
export const assertionSeconds = 60

/** Why an assertion does not fit, or null when it does. `tokenUrl` is the full address of `POST /wire/token`; `now` in seconds. */
export const assertionMisfit = (claims: AssertionClaims, tokenUrl: string, now: number): string | null => {
  if (claims.iss !== claims.sub) return 'issuer and subject differ'
  if (claims.aud !== htuOf(tokenUrl)) return 'it is for another control plane'
  if (claims.exp - claims.iat > 300) return 'it lives longer than five minutes'
  if (claims.exp + proofWindow.ahead < now)
    return `it expired ${now - claims.exp} seconds ago by the control plane's clock`
  if (claims.iat - proofWindow.ahead > now)
    return `it is dated ${claims.iat - now} seconds ahead of the control plane's clock`
  return null
}
