/**
 * Is a webhook of Linear genuine, and sent a moment ago?
 * `Linear-Signature` is an HMAC-SHA-256 of the exact bytes; the time stands in what is signed. https://linear.app/developers/webhooks#securing-webhooks
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Hook } from '../port.ts'
import { partsOf, payloadOf } from './told.ts'

/** Linear's own advice. */
const freshMillis = 60_000

export const hook: Hook = {
  media: ['application/json'],
  keeps: ['linear-event'],
  take({ headers, body, at }, { secrets }) {
    const secret = secrets['signing']
    if (!secret) return refuse('signature_invalid', { why: 'this connection has no signing secret' })
    const given = headers['linear-signature'] ?? ''
    if (!/^[0-9a-f]{64}$/.test(given))
      return refuse('signature_invalid', {
        why: given ? 'Linear-Signature is not 64 digits' : 'the header Linear-Signature is missing',
      })
    const expected = createHmac('sha256', secret).update(body).digest()
    if (!timingSafeEqual(expected, Buffer.from(given, 'hex')))
      return refuse('signature_invalid', { why: 'it was made with another secret, or the body was changed' })
    const payload = payloadOf(body)
    if (typeof payload === 'string') return refuse('invalid', { where: 'body', why: payload })
    const sent = payload.webhookTimestamp
    if (sent === null) return refuse('signature_invalid', { why: 'webhookTimestamp is missing' })
    if (at - sent > freshMillis) return refuse('delivery_stale', { age: Math.floor((at - sent) / 1_000) })
    if (sent - at > freshMillis)
      return refuse('signature_invalid', {
        why: `it is dated ${Math.floor((sent - at) / 1_000)} seconds ahead of this server's clock`,
      })
    const id = headers['linear-delivery'] ?? ''
    if (!/^[\x21-\x7e]{1,60}$/.test(id))
      return refuse('invalid', { where: 'Linear-Delivery', why: 'it is not a plain id' })
    const parts = partsOf(payload)
    return parts.length > 0 ? { id, parts } : { id }
  },
}
