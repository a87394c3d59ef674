/**
 * Was this delivery signed by its source, a moment ago? (Standard Webhooks 1.0)
 * HMAC-SHA-256 over `id.timestamp.body` of the exact bytes, several signatures allowed while a sender changes its key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { refuse, type Refusal } from '@viewportai/core/refusal'

/** A delivery's own time may differ from ours by so many seconds. */
const freshSeconds = 300
const signaturesAtMost = 16

export type Signed = { readonly id: string; readonly timestamp: number; readonly signatures: readonly string[] }

/** The three headers, or why they do not do. Nothing is verified yet. */
export const readSigned = (headers: IncomingHttpHeaders): Signed | Refusal => {
  const one = (name: string): string | null =>
    typeof headers[name] === 'string' && headers[name] !== '' ? headers[name] : null
  const [id, timestamp, signature] = [one('webhook-id'), one('webhook-timestamp'), one('webhook-signature')]
  if (id === null || timestamp === null || signature === null)
    return refuse('signature_invalid', {
      why: `the header ${id === null ? 'webhook-id' : timestamp === null ? 'webhook-timestamp' : 'webhook-signature'} is missing`,
    })
  if (!/^[\x21-\x7e]{1,200}$/.test(id))
    return refuse('signature_invalid', { why: 'webhook-id is not a plain id of at most 200 characters' })
  if (!/^\d{1,12}$/.test(timestamp))
    return refuse('signature_invalid', { why: 'webhook-timestamp is not a number of seconds' })
  return {
    id,
    timestamp: Number(timestamp),
    signatures: signature
      .split(' ')
      .slice(0, signaturesAtMost)
      .flatMap((part) => (part.startsWith('v1,') ? [part.slice(3)] : [])),
  }
}

/** Why the delivery is not taken, or null. `now` in seconds. The signature is judged before the time, so that only its sender learns about clocks. */
export const misfit = (
  { id, timestamp, signatures }: Signed,
  body: Uint8Array,
  secret: Uint8Array,
  now: number,
): Refusal | null => {
  if (signatures.length === 0) return refuse('signature_invalid', { why: 'there is no v1 signature' })
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()
  const fits = signatures
    .map((text) => Buffer.from(text, 'base64'))
    .filter((given) => given.length === expected.length && timingSafeEqual(given, expected))
  if (fits.length === 0)
    return refuse('signature_invalid', { why: 'it was made with another secret, or the body was changed' })
  if (timestamp < now - freshSeconds) return refuse('delivery_stale', { age: now - timestamp })
  return timestamp > now + freshSeconds
    ? refuse('signature_invalid', { why: `it is dated ${timestamp - now} seconds ahead of this server's clock` })
    : null
}
