/** How quickly is a webhook taken, and is each one taken once? */
import { createHmac, randomUUID } from 'node:crypto'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { against, ms, percentile, type Figure } from './figures.ts'
import { inLanes, sender } from './requests.ts'
import type { Place } from './place.ts'

const payload = (n: number): string =>
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

const signed = (secret: string, body: string): Record<string, string> => {
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

const started = (place: Place): Promise<number> =>
  inWorkspace(
    place.db,
    place.workspace,
    async (tx) =>
      (
        await tx.query<{ n: number }>(
          'select count(*) as n from vp.runs where workspace = $1 and delivery is not null',
          [place.workspace],
        )
      ).rows[0]!.n,
  )

/** Serial acks and a burst from 64 lanes while intake works. */
export const webhookFigures = async (place: Place, burst = 2_000): Promise<Figure[]> => {
  const { source, secret } = await place.api.addSource({ body: { name: 'bench' } })
  const path = new URL(source.url).pathname
  const { send, close } = sender(place.url, 64)
  const post = async (n: number): Promise<number> => {
    const body = payload(n)
    const answer = await send('POST', path, signed(secret, body), body)
    if (answer.status !== 202) throw new Error(`webhook answered ${answer.status}: ${answer.body}`)
    return answer.millis
  }
  for (let n = 0; n < 50; n++) await post(n)
  const serial: number[] = []
  for (let n = 0; n < 300; n++) serial.push(await post(n))
  const before = 350
  const patience = performance.now() + 30_000
  while ((await started(place)) < before) {
    if (performance.now() > patience)
      throw new Error(`of ${before} deliveries only ${await started(place)} became runs within 30 s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const began = performance.now()
  await inLanes(64, burst, async (n) => void (await post(n)))
  const acked = performance.now()
  let count = 0
  while ((count = await started(place)) < before + burst && performance.now() - acked < 30_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const done = performance.now()
  close()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const total = await started(place)
  return [
    against('webhook ack, serial, p95', percentile(serial, 0.95), 5, ms),
    against('webhook acks at 64 at once', burst / ((acked - began) / 1_000), 2_000, (n) => `${Math.round(n)}/s`, {
      atLeast: true,
      note: `median of serial acks ${ms(percentile(serial, 0.5))}; load and server share the machine`,
    }),
    against('last ack to last run started', done - acked, 3_000, ms),
    {
      what: 'lost or started twice',
      goal: '0',
      got: `${Math.abs(total - before - burst)} of ${burst}`,
      ratio: null,
      met: total === before + burst && count === total,
    },
  ]
}
