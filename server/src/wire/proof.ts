/**
 * Is this request signed by the key it shows? (RFC 9449)
 * Checks the DPoP header: form, signature, method, address, age, token binding, first use. It never says whose key it is.
 */
import type { FastifyRequest } from 'fastify'
import { decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { keyThumbprint } from '@viewportai/core/wire/key-words'
import { ProofClaims, ProofHeader, proofMisfit, proofWindow } from '@viewportai/core/wire/proof'
import type { Database } from '../database/open.ts'

const invalid = (why: string): Refusal => refuse('proof_invalid', { why })

/** The address a client signed for, without query. Behind a proxy that ends TLS a client sees the public address, and this server another scheme or host. */
export const addressOf = (request: FastifyRequest, publicUrl: string, signedFor: string): string => {
  const { origin } = new URL(publicUrl)
  const seen = signedFor.startsWith(`${origin}/`) ? origin : `${request.protocol}://${request.host}`
  return `${seen}${request.url.split('?')[0]}`
}

/** The thumbprint and key of a valid proof, or why it is none. `token`: the access token it must name, null when there is none. */
export const checkProof = async (
  { db, publicUrl }: { readonly db: Database; readonly publicUrl: string },
  request: FastifyRequest,
  token: string | null,
): Promise<{ key: JWK; thumbprint: string } | Refusal> => {
  const proof = request.headers['dpop']
  if (typeof proof !== 'string' || proof.length > 4_000) return invalid('it has no DPoP header, or more than one')
  const header = ProofHeader.safeParse(safely(() => decodeProtectedHeader(proof)))
  if (!header.success)
    return invalid('the header of the proof is not {typ: dpop+jwt, alg: EdDSA, jwk: an Ed25519 public key}')
  const { jwk } = header.data
  const claims = await jwtVerify(proof, await importJWK(jwk, 'EdDSA'), {
    algorithms: ['EdDSA'],
    typ: 'dpop+jwt',
    clockTolerance: proofWindow.past,
  })
    .then(({ payload }) => ProofClaims.safeParse(payload))
    .catch(() => null)
  if (!claims?.success) return invalid('its signature or its claims do not fit')
  const misfit = proofMisfit(claims.data, {
    method: request.method,
    url: addressOf(request, publicUrl, claims.data.htu),
    token,
    now: Math.floor(Date.now() / 1_000),
  })
  if (misfit) return invalid(misfit)
  const thumbprint = keyThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x })
  return (await isFirstUse(db, thumbprint, claims.data.jti, (proofWindow.past + proofWindow.ahead) * 1_000))
    ? { key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, thumbprint }
    : invalid('the same proof was used before')
}

/** True exactly once per key and id. `forMillis`: how long the id is remembered; what carries it must not be taken any longer. */
export const isFirstUse = async (db: Database, key: string, id: string, forMillis: number): Promise<boolean> =>
  (
    await db.app.query<{ first: boolean }>({ name: 'dpop first', text: 'select vp.dpop_first($1, $2, $3) as first' }, [
      key,
      id,
      forMillis,
    ])
  ).rows[0]!.first

const safely = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch {
    return null
  }
}
