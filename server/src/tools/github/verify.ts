/**
 * Is a webhook of GitHub genuine?
 * `X-Hub-Signature-256` is an HMAC of the exact bytes. GitHub signs no time: a delivery that comes again has the same id, and an event that comes again counts once.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { refuse } from '@viewportai/core/refusal'
import type { Arrived, Hook } from '../port.ts'

export const hook: Hook = {
  undated: true,
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
    if (textIn({ headers, body }) === null)
      return refuse('invalid', { where: 'body', why: 'its form is not one field payload and nothing else' })
    const id = headers['x-github-delivery'] ?? ''
    if (!/^[\x21-\x7e]{1,150}$/.test(id))
      return refuse('invalid', { where: 'X-GitHub-Delivery', why: 'it is not a plain id' })
    if (!/^[a-z][a-z0-9_]{0,59}$/.test(headers['x-github-event'] ?? ''))
      return refuse('invalid', { where: 'X-GitHub-Event', why: 'it is not the name of an event' })
    return { id }
  },
}

/**
 * The JSON text of a body; null: a form that is not GitHub's own. The media type is not signed, so a body reads as a form only when it can
 * be nothing else: no JSON begins with `payload=`, and a second field would be somebody's words.
 */
export const textIn = ({ headers, body }: Pick<Arrived, 'headers' | 'body'>): string | null => {
  const text = body.toString('utf8')
  if (!(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return text
  return /^payload=[^&]*$/.test(text) ? new URLSearchParams(text).get('payload') : null
}
