/**
 * Does a delivery come from the team's CI?
 * It brings the connection's token (`Authorization: Bearer`), as one line of curl can. The token covers no bytes and no time: TLS keeps both, and the same build
 * told again, whenever, is the same delivery.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Hook } from '../port.ts'
import { buildNumber, partsOf, readReport, type Report } from './report.ts'

export const hook: Hook = {
  // curl says the form's when it is told nothing else, and nothing when it sends nothing.
  media: [
    'application/xml',
    'text/xml',
    'application/json',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    '',
  ],
  keeps: [],
  keepsQuery: true,
  take({ headers, body, query }, { secrets }) {
    const given = /^Bearer +(\S{1,400})$/i.exec(headers['authorization'] ?? '')?.[1]
    if (given === undefined)
      return refuse('signature_invalid', {
        why: 'the header authorization: Bearer TOKEN is missing; the token is the one of this connection',
      })
    const same = (text: string): Buffer => createHash('sha256').update(text).digest()
    if (!timingSafeEqual(same(given), same(secrets['token']!)))
      return refuse('signature_invalid', { why: 'the token is not the one of this connection' })
    const report = readReport(body, query)
    if ('why' in report) return refuse('invalid', report)
    const parts = partsOf(report)
    return { id: idOf(body, query), parts, ...(isUnordered(report) && { note: unordered }) }
  },
}

/** A failure of which nobody can tell whether a build that passes is a later one (docs/decisions/036). */
const isUnordered = (report: Report): boolean => report.status === 'failed' && buildNumber(report) === null
const unordered =
  'It names no build in digits, so that no later pass takes this failure back: where it is of the commit that a run pushed, it stays until the next commit. Say `build=` with a number that grows: docs/integrations/ci.md names the variable of each CI.'

/** The same words again are the same delivery. */
const idOf = (body: Buffer, query: string): string =>
  createHash('sha256').update(`${query}\n`).update(body).digest('hex')
