/**
 * What does the control plane sign when it gives work out, and does it fit the work that came with it?
 * It never verifies the signature and never remembers used grants: the runner does both.
 */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { digestOf } from '../digest/canonical.ts'
import type { Lease } from './messages.ts'

/** The `typ` of a grant: a compact JWS, alg EdDSA, `kid` = thumbprint of a pinned key of the control plane. */
export const grantType = 'viewport-grant+jwt'
export const GrantClaims = z.object({
  run: z.string(),
  step: z.string(),
  attempt: z.int().positive(),
  epoch: z.int().positive(),
  job: Sha256, // of the RFC 8785 text of the job
  source: Sha256.optional(), // of the RFC 8785 text of the workflow's source; absent when none came with the work
  exp: z.int().nonnegative(), // seconds, by the control plane's clock: until when the work may begin
})
export type GrantClaims = z.infer<typeof GrantClaims>

type Granted = Pick<Lease, 'run' | 'step' | 'attempt' | 'epoch' | 'job' | 'source'>

/** The claims of a lease's grant. `exp` in seconds by the control plane's clock. */
export const grantFor = (lease: Granted, exp: number): GrantClaims => ({
  run: lease.run,
  step: lease.step,
  attempt: lease.attempt,
  epoch: lease.epoch,
  job: digestOf(lease.job),
  ...(lease.source && { source: digestOf(lease.source) }),
  exp,
})

/** Why a grant does not fit a lease, or null when it does. `now` in seconds, as near to the control plane's clock as is known. */
export const grantMisfit = (claims: GrantClaims, lease: Granted, now: number): string | null => {
  const expected = grantFor(lease, claims.exp)
  for (const name of ['run', 'step', 'attempt', 'epoch'] as const)
    if (claims[name] !== expected[name]) return `it is for ${name} ${claims[name]}, the work is for ${expected[name]}`
  if (claims.job !== expected.job) return 'the work is not the one that was signed'
  if (claims.source !== expected.source) return 'the text of the workflow is not the one that was signed'
  return claims.exp < now ? `it expired ${now - claims.exp} seconds ago` : null
}
