/** Did the control plane we are paired with sign this very piece of work, or this very order? */
import { compactVerify, errors, importJWK } from 'jose'
import type { z } from 'zod'
import { GrantClaims, grantMisfit, grantType } from '@viewportai/core/wire/grant'
import { ErrandClaims, errandGrantType, errandMisfit, type Errand } from '@viewportai/core/wire/errand'
import { LookClaims, lookGrantType, lookMisfit, type LookOrder } from '@viewportai/core/wire/look'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Lease } from '@viewportai/core/wire/messages'
import type { Pairing } from '../identity/pairing.ts'

type Keys = Pairing['serverKeys']

/** The claims of a lease's grant, or why it does not hold; null: no key that is believed has signed it. `now`: seconds by the control plane's clock. */
export const readGrant = (lease: Lease, keys: Keys, now: number): Promise<GrantClaims | Refusal | null> =>
  readSigned(lease.grant, keys, grantType, GrantClaims, (claims) => grantMisfit(claims, lease, now))

/** The same of an order to look. `runner`: who we are. */
export const readLookGrant = (
  order: LookOrder,
  runner: string,
  keys: Keys,
  now: number,
): Promise<LookClaims | Refusal | null> =>
  readSigned(order.grant, keys, lookGrantType, LookClaims, (claims) => lookMisfit(claims, order, runner, now))

/** The same of an errand. */
export const readErrandGrant = (
  order: { readonly errand: string; readonly asks: Errand; readonly grant: string },
  runner: string,
  keys: Keys,
  now: number,
): Promise<ErrandClaims | Refusal | null> =>
  readSigned(order.grant, keys, errandGrantType, ErrandClaims, (claims) => errandMisfit(claims, order, runner, now))

const readSigned = async <T>(
  grant: string,
  keys: Keys,
  type: string,
  Claims: z.ZodType<T>,
  misfitOf: (claims: T) => string | null,
): Promise<T | Refusal | null> => {
  for (const jwk of keys) {
    const { kty, crv, x } = jwk
    const key = await importJWK({ kty, crv, x }, 'EdDSA')
    try {
      const { payload, protectedHeader } = await compactVerify(grant, key, { algorithms: ['EdDSA'] })
      if (protectedHeader.typ !== type)
        return refuse('grant_invalid', {
          why: `it is a ${protectedHeader.typ ?? 'token without a type'}, not a ${type}`,
        })
      const claims = Claims.parse(JSON.parse(new TextDecoder().decode(payload)))
      const misfit = misfitOf(claims)
      return misfit === null ? claims : refuse('grant_invalid', { why: misfit })
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue
      return refuse('grant_invalid', { why: 'it cannot be read' })
    }
  }
  return null
}
