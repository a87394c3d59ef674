/**
 * Is a webhook of GitHub genuine?
 * `X-Hub-Signature-256` is an HMAC of the exact bytes. GitHub signs no time: a delivery that comes again has the same id, and an event that comes again counts once.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Hook } from '../port.ts'

export const hook: Hook = {
  media: ['application/json', 'application/x-www-form-urlencoded'],
  keeps: ['x-github-event', 'x-github-delivery', 'content-type'],
  take({ headers, body }, { secrets }) {
    const secret = secrets['webhook_secret']
    if (!secret) return refuse('signature_invalid', { why: 'this connection has no webhook secret' })
    const given = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '')?.[1]
    if (given === undefined)
      return refuse('signature_invalid', {
        why: headers['x-hub-signature-256']
          ? 'X-Hub-Signature-256 is not sha256= and 64 digits'
          : 'the header X-Hub-Signature-256 is missing (give the webhook its secret at GitHub)',
      })
    const expected = createHmac('sha256', secret).update(body).digest()
    if (!timingSafeEqual(expected, Buffer.from(given, 'hex')))
      return refuse('signature_invalid', { why: 'it was made with another secret, or the body was changed' })
    const id = headers['x-github-delivery'] ?? ''
    if (!/^[\x21-\x7e]{1,150}$/.test(id))
      return refuse('invalid', { where: 'X-GitHub-Delivery', why: 'it is not a plain id' })
    if (!/^[a-z_]{1,60}$/.test(headers['x-github-event'] ?? ''))
      return refuse('invalid', { where: 'X-GitHub-Event', why: 'it is not the name of an event' })
    return { id }
  },
}
