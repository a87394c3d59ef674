/** How quickly is a webhook taken, and is each one taken once? */
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { startBare } from './bare.ts'
import { bugReport, signed } from './event.ts'
import { against, median, ms, p95Of, type Figure } from './figures.ts'
import { inLanes, inTurn, sender } from './requests.ts'
import { pause, until } from './until.ts'
import type { Place } from './place.ts'
import type { Size } from './size.ts'

/** Deliveries of the workspace that became runs. */
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

/** Serial acks and bursts from 64 lanes while intake works; the bare server gets the same load, in turn. */
export const webhookFigures = async (
  place: Place,
  { rounds, webhook: { warm, alone, burst, lanes } }: Size,
): Promise<Figure[]> => {
  const { source, secret } = await place.api.addSource({ body: { name: 'bench' } })
  const ours = sender(place.url, lanes)
  const bare = await startBare(place)
  const theirs = sender(bare.url, lanes)
  const hook = new URL(source.url).pathname
  const poster =
    ({ send }: typeof ours, path: string) =>
    async (n: number): Promise<number> => {
      const body = bugReport(n)
      const answer = await send('POST', path, signed(secret, body), body)
      if (answer.status !== 202) throw new Error(`webhook answered ${answer.status}: ${answer.body}`)
      return answer.millis
    }
  const [post, postBare] = [poster(ours, hook), poster(theirs, '/event')]
  const rate = async (one: (n: number) => Promise<number>): Promise<number> => {
    const began = performance.now()
    await inLanes(lanes, burst, async (n) => void (await one(n)))
    return burst / ((performance.now() - began) / 1_000)
  }

  const serial: number[][] = []
  const bareSerial: number[][] = []
  const rates: number[] = []
  const bareRates: number[] = []
  const lag: number[] = []
  let sent = warm
  let wrong = 0
  await inTurn(post, warm)
  await inTurn(postBare, warm)
  for (let round = 0; round < rounds; round++) {
    serial.push(await inTurn(post, alone))
    sent += alone
    await until('deliveries that became runs', async () => (await started(place)) >= sent, 20)
    bareSerial.push(await inTurn(postBare, alone))
    rates.push(await rate(post))
    const acked = performance.now()
    sent += burst
    await until('deliveries that became runs', async () => (await started(place)) >= sent)
    lag.push(performance.now() - acked)
    await pause(500) // what is started twice would be there by now
    wrong += Math.abs((await started(place)) - sent)
    bareRates.push(await rate(postBare))
  }
  ours.close()
  theirs.close()
  await bare.close()
  const instead = 'bare server, one insert:'
  return [
    p95Of('webhook ack, serial, p95', serial, 5, { instead: { what: instead, rounds: bareSerial } }),
    against(`webhook acks, ${lanes} at once, intake running`, median(rates), 2_000, (n) => `${Math.round(n)}/s`, {
      atLeast: true,
      instead: { what: instead, value: median(bareRates) },
      note: `rounds: ${rates.map(Math.round).join(', ')} per second; the load shares the processors with both`,
    }),
    against('last ack to last run started', median(lag), 3_000, ms, { note: `rounds: ${lag.map(ms).join(', ')}` }),
    {
      what: 'lost or started twice',
      goal: '0',
      got: `${wrong} of ${rounds * burst}`,
      median: '',
      instead: '',
      met: wrong === 0,
    },
  ]
}
