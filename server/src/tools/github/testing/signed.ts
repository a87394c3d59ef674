/** A webhook as GitHub sends and signs it. */
import { createHmac, randomUUID } from 'node:crypto'
import { expect } from 'vitest'

/** Sends one to a connection's address, which takes it; the delivery's id. `secret`: the connection's webhook secret. */
export const sendSigned = async (url: string, secret: string, event: string, payload: unknown): Promise<string> => {
  const body = JSON.stringify(payload)
  const came = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  })
  expect(came.status).toBe(202)
  return ((await came.json()) as { delivery: string }).delivery
}
