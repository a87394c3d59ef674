/** Did the control plane we are paired with sign this very piece of work? */
import { compactVerify, errors, importJWK } from 'jose'
import { GrantClaims, grantMisfit, grantType } from '@viewportai/core/wire/grant'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Lease } from '@viewportai/core/wire/messages'
import type { Pairing } from '../identity/pairing.ts'

/** The claims of a lease's grant, or why it does not hold; null: no key that is believed has signed it. `now`: seconds by the control plane's clock. */
export const readGrant = async (
  lease: Lease,
  keys: Pairing['serverKeys'],
  now: number,
): Promise<GrantClaims | Refusal | null> => {
  for (const jwk of keys) {
    const { kty, crv, x } = jwk
    const key = await importJWK({ kty, crv, x }, 'EdDSA')
    try {
      const { payload, protectedHeader } = await compactVerify(lease.grant, key, { algorithms: ['EdDSA'] })
      if (protectedHeader.typ !== grantType)
        return refuse('grant_invalid', {
          why: `it is a ${protectedHeader.typ ?? 'token without a type'}, not a ${grantType}`,
        })
      const claims = GrantClaims.parse(JSON.parse(new TextDecoder().decode(payload)))
      const misfit = grantMisfit(claims, lease, now)
      return misfit === null ? claims : refuse('grant_invalid', { why: misfit })
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue
      return refuse('grant_invalid', { why: 'it cannot be read' })
    }
  }
  return null
}
