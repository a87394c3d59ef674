/**
 * What does a key of the control plane sign to vouch for the key after it?
 * So that a runner which pinned the one accepts the other. It never verifies a signature: the runner does.
 */
import { z } from 'zod'
import { PublicJwk } from './messages.ts'

/** The `typ` of a succession: a compact JWS, alg EdDSA, signed by the key before. */
export const successionType = 'viewport-next-key+jwt'
/** `next`: the key that signs from now on; `at`: milliseconds, by the control plane's clock. */
export const SuccessionClaims = z.object({ next: PublicJwk, at: z.int().nonnegative() })
export type SuccessionClaims = z.infer<typeof SuccessionClaims>
