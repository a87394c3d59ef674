/** Deliveries as a sender signs them (Standard Webhooks), and a workspace that takes them. */
import { createHmac } from 'node:crypto'
import { send, type Came } from './send.ts'

export type Signing = {
  readonly id?: string
  readonly at?: number
  readonly secret?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

let count = 0

/** The three headers over exact bytes. */
export const signedHeaders = (
  secret: string,
  id: string,
  at: number,
  body: string | Uint8Array,
): Record<string, string> => {
  const signature = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${id}.${at}.`)
    .update(body)
    .digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
}

/** Delivers a payload to a source. */
export const deliver = (
  url: string,
  source: { url: string; secret: string },
  payload: unknown,
  {
    id = `msg_${++count}`,
    at = Math.floor(Date.now() / 1_000),
    secret = source.secret,
    headers = {},
    body = JSON.stringify(payload),
  }: Signing = {},
): Promise<Came> =>
  send(url, 'POST', new URL(source.url).pathname, {
    body,
    headers: { 'content-type': 'application/json', ...signedHeaders(secret, id, at, body), ...headers },
  })
