/** What does the bench send as an event? A signed webhook of the usual size (Standard Webhooks, 1.8 kB). */
import { createHmac, randomUUID } from 'node:crypto'

/** The body of one bug report. */
export const bugReport = (n: number): string =>
  JSON.stringify({
    type: 'bug.reported',
    timestamp: new Date().toISOString(),
    data: {
      ticket: `BUG-${n}`,
      title: `Prices of order ${n} are rounded twice`,
      severity: 'high',
      text: 'The total is one cent too high. '.repeat(45),
    },
  })

/** The headers that sign it; every call makes an event of its own. */
export const signed = (secret: string, body: string): Record<string, string> => {
  const id = `msg_${randomUUID()}`
  const at = String(Math.floor(Date.now() / 1_000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': at,
    'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`,
  }
}
