/** How quickly is a decision stored, and how quickly does a waiting runner hear of it? */
import { randomUUID } from 'node:crypto'
import { TestRunner } from '@viewportai/viewport/src/wire/testing/known-runner.ts'
import { fillBare, startBare } from './bare.ts'
import { p95Of, type Figure } from './figures.ts'
import { inLanes, inTurn, sender } from './requests.ts'
import { pause } from './until.ts'
import { makeWaiting } from './waiting-runs.ts'
import type { Size } from './size.ts'
import type { Place } from './place.ts'

/** Decisions serial and 16 at once, the bare server in turn; then one decision per waiting long poll of a runner. */
export const decisionFigures = async (
  place: Place,
  { rounds, decisions: { warm, alone, burst, woken, lanes } }: Size,
): Promise<Figure[]> => {
  const runner = await new TestRunner(place.url).pair(
    place.db,
    place.workspace,
    `bench-${randomUUID().slice(0, 6)}`,
    'local',
  )
  const { gates } = await makeWaiting(place, warm + rounds * (alone + burst) + woken, 200_000, runner.id)
  const bare = await startBare(place)
  await fillBare(place, 0, gates.length)
  const ours = sender(place.url, lanes)
  const theirs = sender(bare.url, lanes)
  const headers = { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' }
  let next = 0
  const decide = async (verdict: 'approve' | 'reject' = 'reject'): Promise<number> => {
    const { gate, digest } = gates[next++]!
    const body = JSON.stringify({ verdict, digest, comment: 'no' })
    const answer = await ours.send('POST', `/api/gates/${gate}/decisions`, headers, body)
    if (answer.status !== 201) throw new Error(`decision answered ${answer.status}: ${answer.body}`)
    return answer.millis
  }
  let nextBare = 0
  const vote = async (): Promise<number> => {
    const body = JSON.stringify({ verdict: 'reject', comment: 'no' })
    const answer = await theirs.send('POST', `/vote/gate-${nextBare++}`, headers, body)
    if (answer.status !== 201) throw new Error(`the bare server answered ${answer.status}: ${answer.body}`)
    return answer.millis
  }
  const atOnce = async (one: () => Promise<number>): Promise<number[]> => {
    const times: number[] = []
    await inLanes(lanes, burst, async () => void times.push(await one()))
    return times
  }
  await inTurn(() => decide(), warm)
  await inTurn(vote, warm)
  const [serial, bareSerial, many, bareMany]: number[][][] = [[], [], [], []]
  for (let round = 0; round < rounds; round++) {
    serial!.push(await inTurn(() => decide(), alone))
    bareSerial!.push(await inTurn(vote, alone))
    many!.push(await atOnce(decide))
    bareMany!.push(await atOnce(vote))
  }
  const wakes: number[] = []
  while (await runner.lease()) continue // what waits already is taken, so that each decision wakes its own poll
  for (let n = 0; n < woken; n++) {
    const waiting = runner.lease(randomUUID(), 20)
    await pause(30) // the poll must be there first
    const began = performance.now()
    await decide('approve')
    if (!(await waiting)) throw new Error('the runner was not woken')
    wakes.push(performance.now() - began)
  }
  ours.close()
  theirs.close()
  await bare.close()
  const what = 'bare server, one update and one insert:'
  return [
    p95Of('decision stored, serial, p95', serial!, 10, { instead: { what, rounds: bareSerial! } }),
    p95Of(`decision stored, ${lanes} at once, p95`, many!, 40, { instead: { what, rounds: bareMany! } }),
    p95Of('decision sent to runner has the work, p95', [wakes], 50, { note: 'includes storing the decision' }),
  ]
}
