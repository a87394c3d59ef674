/** How quickly is a decision stored, and how quickly does a waiting runner hear of it? */
import { randomUUID } from 'node:crypto'
import { TestRunner } from '@viewportai/viewport/src/wire/testing/known-runner.ts'
import { against, ms, percentile, type Figure } from './figures.ts'
import { inLanes, sender } from './requests.ts'
import { makeWaiting } from './waiting-runs.ts'
import type { Place } from './place.ts'

/** Decisions serial and 16 at once; then one decision per waiting long poll of a runner. */
export const decisionFigures = async (place: Place): Promise<Figure[]> => {
  const runner = await new TestRunner(place.url).pair(
    place.db,
    place.workspace,
    `bench-${randomUUID().slice(0, 6)}`,
    'local',
  )
  const { gates } = await makeWaiting(place, 700, 200_000, runner.id)
  const { send, close } = sender(place.url, 16)
  const headers = { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' }
  const decide = async (n: number, verdict = 'reject'): Promise<number> => {
    const { gate, digest } = gates[n]!
    const answer = await send(
      'POST',
      `/api/gates/${gate}/decisions`,
      headers,
      JSON.stringify({ verdict, digest, comment: 'no' }),
    )
    if (answer.status !== 201) throw new Error(`decision answered ${answer.status}: ${answer.body}`)
    return answer.millis
  }
  const serial: number[] = []
  for (let n = 0; n < 220; n++) serial.push(await decide(n))
  const together: number[] = []
  await inLanes(16, 400, async (n) => void together.push(await decide(220 + n)))
  const wakes: number[] = []
  while (await runner.lease()) continue // what waits already is taken, so that each decision wakes its own poll
  for (let n = 620; n < 660; n++) {
    const waiting = runner.lease(randomUUID(), 20)
    await new Promise((resolve) => setTimeout(resolve, 30)) // the poll must be there first
    const began = performance.now()
    await decide(n, 'approve')
    if (!(await waiting)) throw new Error('the runner was not woken')
    wakes.push(performance.now() - began)
  }
  close()
  return [
    against('decision stored, serial, p95', percentile(serial.slice(20), 0.95), 10, ms, {
      note: `median ${ms(percentile(serial.slice(20), 0.5))}`,
    }),
    against('decision stored, 16 at once, p95', percentile(together, 0.95), 40, ms, {
      note: `median ${ms(percentile(together, 0.5))}`,
    }),
    against('decision sent to runner has the work, p95', percentile(wakes, 0.95), 50, ms, {
      note: `median ${ms(percentile(wakes, 0.5))}; includes storing the decision`,
    }),
  ]
}
