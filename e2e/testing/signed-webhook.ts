// A webhook as a tool of the team would send and sign it (Standard Webhooks).
import { createHmac, randomUUID } from 'node:crypto'

import type { Json } from './api.ts'

/** Sends one to a source as `POST /api/sources` answered it; the delivery's id. Throws with the answer when it is not taken. */
export const sendWebhook = async ({ source, secret }: Json, payload: object): Promise<string> => {
  const [id, at, body] = [randomUUID(), Math.floor(Date.now() / 1_000), JSON.stringify(payload)]
  const key = Buffer.from((secret as string).replace('whsec_', ''), 'base64')
  const came = await fetch(source.url as string, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`,
    },
  })
  if (came.status !== 202) throw new Error(await came.text())
  return ((await came.json()) as { delivery: string }).delivery
}
