/**
 * Does a delivery come from the team's CI?
 * It brings the connection's token (`Authorization: Bearer`), as one line of curl can. The token covers no bytes and no time: TLS keeps both, and the same build
 * told again, whenever, is the same delivery.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Hook } from '../port.ts'
import { partsOf, readReport } from './report.ts'

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
    return { id: idOf(body, query), parts: partsOf(report) }
  },
}

/** The same words again are the same delivery. */
const idOf = (body: Buffer, query: string): string =>
  createHash('sha256').update(`${query}\n`).update(body).digest('hex')
