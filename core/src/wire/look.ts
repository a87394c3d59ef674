/**
 * How is a runner asked to look at a repository, and how does it answer?
 * The order (messages.ts) carries a grant that signs it; the answer goes to `POST /wire/looks/:look`, first that it has begun, then how it ended.
 */
import { z } from 'zod'
import { Found } from '../try/looked.ts'
import { excerpt, metadata } from './level.ts'
import type { Order } from './messages.ts'

export type LookOrder = Extract<Order, { order: 'look' }>

/** The `typ` of its grant: a compact JWS, alg EdDSA, `kid` = thumbprint of a pinned key of the control plane. */
export const lookGrantType = 'viewport-look+jwt'
export const LookClaims = z.object({
  look: z.string(),
  runner: z.string(),
  url: z.string(),
  branch: z.string().nullable(),
  exp: z.int().nonnegative(), // seconds, by the control plane's clock: until when it may begin
})
export type LookClaims = z.infer<typeof LookClaims>

/** Why a grant does not fit an order to this runner, or null when it does. `now` in seconds, as near to the control plane's clock as is known. */
export const lookMisfit = (
  claims: LookClaims,
  order: Pick<LookOrder, 'look' | 'url' | 'branch'>,
  runner: string,
  now: number,
): string | null => {
  const expected = { look: order.look, runner, url: order.url, branch: order.branch }
  for (const name of ['look', 'runner', 'url', 'branch'] as const)
    if (claims[name] !== expected[name]) return `it is for ${name} ${claims[name]}, the order is for ${expected[name]}`
  return claims.exp < now ? `it expired ${now - claims.exp} seconds ago` : null
}

/** Why a look found nothing: a code, what happened, and what to do about it. */
export const LookFailure = z.strictObject({
  code: metadata(z.string().max(80)),
  summary: excerpt(z.string().max(2_000)),
  check: excerpt(z.string().max(2_000)),
})
export type LookFailure = z.infer<typeof LookFailure>

/** `POST /wire/looks/:look` */
export const LookReport = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('looking'), now: excerpt(z.string().max(200)) }),
  z.strictObject({ state: z.literal('looked'), found: Found }),
  z.strictObject({ state: z.literal('failed'), failure: LookFailure }),
])
export type LookReport = z.infer<typeof LookReport>

/** For so long a runner looks at most, in seconds. What began later than the grant allows is not begun. */
export const lookSeconds = 600
