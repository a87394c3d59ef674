/** How does the runner show that a request is its own? DPoP proofs (RFC 9449), client assertions (RFC 7523) and signed reports. */
import { randomBytes } from 'node:crypto'
import { CompactSign, SignJWT } from 'jose'
import { assertionSeconds } from '@viewportai/core/wire/assertion'
import { athOf, htuOf } from '@viewportai/core/wire/proof'
import { reportText, reportType, type ReportPlace } from '@viewportai/core/wire/report-text'
import type { Report } from '@viewportai/core/wire/messages'
import type { OwnKey } from '../identity/key.ts'

const unique = (): string => randomBytes(16).toString('base64url')

/** A DPoP proof for one request. `now`: seconds by the control plane's clock. */
export const proofFor = (
  key: OwnKey,
  request: { method: string; url: string; token: string | null; now: number },
): Promise<string> =>
  new SignJWT({
    jti: unique(),
    htm: request.method,
    htu: htuOf(request.url),
    iat: request.now,
    ...(request.token === null ? {} : { ath: athOf(request.token) }),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: key.public })
    .sign(key.sign)

/** A client assertion for the token endpoint. `now` as above. */
export const assertionFor = (key: OwnKey, runner: string, tokenUrl: string, now: number): Promise<string> =>
  new SignJWT({ iss: runner, sub: runner, aud: htuOf(tokenUrl), jti: unique(), iat: now, exp: now + assertionSeconds })
    .setProtectedHeader({ typ: 'JWT', alg: 'EdDSA', kid: key.id })
    .sign(key.sign)

/** The detached signature of a report at its place: `header..signature`. */
export const signReport = async (key: OwnKey, place: ReportPlace, report: Report): Promise<string> => {
  const whole = await new CompactSign(new TextEncoder().encode(reportText(place, report)))
    .setProtectedHeader({ alg: 'EdDSA', kid: key.id, typ: reportType })
    .sign(key.sign)
  const [header, , signature] = whole.split('.')
  return `${header}..${signature}`
}
