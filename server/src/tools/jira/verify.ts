/**
 * Is a webhook of Jira genuine?
 * `X-Hub-Signature` is an HMAC-SHA-256 of the exact bytes with the secret that an admin gave the webhook. One without a signature is refused:
 * its words would be anybody's. Jira signs no time of sending: the same event again counts once, by the id of the change.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Hook } from '../port.ts'
import { partsOf, payloadOf } from './told.ts'

export const hook: Hook = {
  undated: true,
  media: ['application/json'],
  keeps: [],
  take({ headers, body }, { secrets }) {
    const secret = secrets['signing']
    if (!secret) return refuse('signature_invalid', { why: 'this connection has no secret of the webhook' })
    const given = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature'] ?? '')?.[1]
    if (given === undefined)
      return refuse('signature_invalid', {
        why: headers['x-hub-signature']
          ? 'X-Hub-Signature is not sha256= and 64 digits'
          : 'the header X-Hub-Signature is missing: only webhooks that an admin of Jira made with a secret have it',
      })
    const expected = createHmac('sha256', secret).update(body).digest()
    if (!timingSafeEqual(expected, Buffer.from(given, 'hex')))
      return refuse('signature_invalid', { why: 'it was made with another secret, or the body was changed' })
    const payload = payloadOf(body)
    if (typeof payload === 'string') return refuse('invalid', { where: 'body', why: payload })
    const id = headers['x-atlassian-webhook-identifier'] ?? ''
    if (!/^[\x21-\x7e]{1,120}$/.test(id))
      return refuse('invalid', { where: 'X-Atlassian-Webhook-Identifier', why: 'it is not a plain id' })
    const parts = partsOf(payload)
    return parts.length > 0 ? { id, parts } : { id }
  },
}
