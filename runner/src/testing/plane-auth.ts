/** Does this request come from a runner the control plane of the tests knows? By the same rules as the real one. */
import {
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
} from 'jose'
import { AssertionClaims, assertionMisfit } from '@viewportai/core/wire/assertion'
import { toBase64url } from '@viewportai/core/wire/base64url'
import { keyThumbprint } from '@viewportai/core/wire/key-words'
import { ProofClaims, ProofHeader, proofMisfit } from '@viewportai/core/wire/proof'
import { reportText, reportType, type ReportPlace } from '@viewportai/core/wire/report-text'
import type { Report } from '@viewportai/core/wire/messages'
import { TokenRequest } from '@viewportai/core/wire/messages'
import { refuse, type Refusal } from '@viewportai/core/refusal'

export type Ed25519 = { kty: 'OKP'; crv: 'Ed25519'; x: string }
export type SigningKey = { public: Ed25519; kid: string; sign: CryptoKey }
export type PlaneAuth = {
  /** The thumbprint of the key that signed the proof. */
  proof(request: Shown, token: string | null): Promise<{ key: Ed25519; thumbprint: string } | Refusal>
  /** The runner behind token and proof. */
  known(request: Shown): Promise<string | Refusal>
  token(
    request: Shown,
    body: unknown,
  ): Promise<{ access_token: string; token_type: 'DPoP'; expires_in: number } | Refusal>
}
export type Shown = { method: string; url: string; headers: Record<string, string | string[] | undefined> }

/** A key of the control plane. */
export const newSigningKey = async (): Promise<SigningKey> => {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { x } = await exportJWK(privateKey)
  const shared: Ed25519 = { kty: 'OKP', crv: 'Ed25519', x: x! }
  return { public: shared, kid: keyThumbprint(shared), sign: privateKey }
}

const no = (why: string): Refusal => refuse('proof_invalid', { why })

/** Checks against the runners' keys. `now`: seconds by the control plane's clock. */
export const planeAuth = (plane: {
  key: SigningKey
  runners: Map<string, Ed25519>
  now(): number
  tokenSeconds(): number
}): PlaneAuth => {
  const seen = new Set<string>()
  const proof: PlaneAuth['proof'] = async (request, token) => {
    const text = request.headers['dpop']
    if (typeof text !== 'string') return no('there is no proof')
    const header = ProofHeader.safeParse(decodeProtectedHeader(text))
    if (!header.success) return no('its header')
    const { kty, crv, x } = header.data.jwk
    const { payload } = await jwtVerify(text, await importJWK({ kty, crv, x }, 'EdDSA'), {
      algorithms: ['EdDSA'],
      clockTolerance: 10_000_000,
    })
    const claims = ProofClaims.parse(payload)
    const misfit = proofMisfit(claims, { method: request.method, url: request.url, token, now: plane.now() })
    if (misfit) return no(misfit)
    if (seen.has(claims.jti)) return no('it was used before')
    seen.add(claims.jti)
    return { key: { kty, crv, x }, thumbprint: keyThumbprint({ kty, crv, x }) }
  }
  const tokenKey = plane.key
  return {
    proof,
    async known(request) {
      const token = /^DPoP (.+)$/.exec(String(request.headers['authorization'] ?? ''))?.[1]
      if (!token) return no('there is no token')
      const shown = await proof(request, token)
      if ('refusal' in shown) return shown
      const verified = await jwtVerify<{ cnf: { jkt: string } }>(token, await importJWK(tokenKey.public, 'EdDSA'), {
        currentDate: new Date(plane.now() * 1_000),
      }).catch(() => null)
      if (!verified) return no('the token has expired')
      const { sub = '', cnf } = verified.payload
      if (cnf.jkt !== shown.thumbprint) return no('the token belongs to another key')
      return plane.runners.has(sub) ? sub : refuse('runner_revoked')
    },
    async token(request, body) {
      const shown = await proof(request, null)
      if ('refusal' in shown) return shown
      const { client_assertion } = TokenRequest.parse(body)
      const { payload } = await jwtVerify(client_assertion, await importJWK(shown.key, 'EdDSA'), {
        algorithms: ['EdDSA'],
        clockTolerance: 10_000_000,
      })
      const claims = AssertionClaims.parse(payload)
      const misfit = assertionMisfit(claims, request.url, plane.now())
      if (misfit) return no(misfit)
      const runner = plane.runners.get(claims.sub)
      if (!runner) return refuse('runner_revoked')
      if (runner.x !== shown.key.x || seen.has(claims.jti)) return no('no runner is paired with this key')
      seen.add(claims.jti)
      const seconds = plane.tokenSeconds()
      const access_token = await new SignJWT({ cnf: { jkt: shown.thumbprint } })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setSubject(claims.sub)
        .setIssuedAt(plane.now())
        .setExpirationTime(plane.now() + seconds)
        .sign(tokenKey.sign)
      return { access_token, token_type: 'DPoP', expires_in: seconds }
    },
  }
}

/** Is the detached signature of a report the runner's? */
export const isSignedReport = async (
  key: Ed25519,
  place: ReportPlace,
  report: Report,
  signature: string | null,
): Promise<boolean> => {
  const [head, middle, tail] = signature?.split('.') ?? []
  if (!head || middle !== '' || !tail) return false
  const whole = `${head}.${toBase64url(new TextEncoder().encode(reportText(place, report)))}.${tail}`
  return compactVerify(whole, await importJWK(key, 'EdDSA'), { algorithms: ['EdDSA'] }).then(
    ({ protectedHeader }) => protectedHeader.typ === reportType,
    () => false,
  )
}
