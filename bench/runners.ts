/** What do many runners cost that ask for work and for orders, as vpd does, and get none; and while work comes in? */
import { randomBytes } from 'node:crypto'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { agentBy, openRelay } from '@viewportai/viewport/src/relay/testing/client.ts'
import { capabilities, TestRunner } from '@viewportai/viewport/src/wire/testing/known-runner.ts'
import { keyThumbprint, keyWords } from '@viewportai/core/wire/key-words'
import { processorSeconds } from './cpu.ts'
import { against, ms, percentile, type Figure } from './figures.ts'
import { addWorkflow, type Place } from './place.ts'
import { pss } from './memory.ts'
import { inLanes, sender } from './requests.ts'
import { pause } from './until.ts'
import type { Size } from './size.ts'

/** `many` paired runners; what pairing costs is not what is measured, so they are written into the table. */
const pairAll = async (place: Place, many: number, transport: 'polling' | 'relay'): Promise<TestRunner[]> => {
  const runners = Array.from({ length: many }, () => new TestRunner(place.url))
  await inWorkspace(place.db, place.workspace, async (tx) => {
    for (const [n, runner] of runners.entries()) {
      runner.id = `rnr_${randomBytes(10).toString('hex')}`
      await tx.query(
        `insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, repositories, paired_by) values ($1, $2, $3, $4, $5, $6, $7, $8, '{acme/shop}', 'bench')`,
        [
          place.workspace,
          runner.id,
          `box-${n}`,
          n % 4 === 0 ? 'local' : `pool-${n % 4}`,
          JSON.stringify(runner.jwk),
          keyThumbprint(runner.jwk),
          keyWords(runner.jwk),
          JSON.stringify(capabilities({ slots: 2 })),
        ],
      )
    }
  })
  await inLanes(16, many, async (n) => {
    if (transport === 'relay') runners[n]!.agent = agentBy(await openRelay(place.url, runners[n]!))
    if ((await runners[n]!.login()).status !== 200) throw new Error('a runner got no token')
    await runners[n]!.post('/wire/hello', { capabilities: capabilities({ slots: 2 }), holding: [] })
  })
  return runners
}

/** Processor time per second while everybody waits, and while a run starts every second; a quarter of the runners is in its pool. */
export const runnerFigures = async (
  place: Place,
  { runners: { many, seconds: watchedSeconds, waitSeconds } }: Size,
  transport: 'polling' | 'relay',
): Promise<Figure[]> => {
  await addWorkflow(place)
  const runners = await pairAll(place, many, transport)
  const { send, close } = sender(place.url, Number.POSITIVE_INFINITY)
  let over = false
  let [asked, wrong, got] = [0, 0, 0]
  const post = async (runner: TestRunner, path: string, body: object): Promise<{ status: number }> => {
    const answer = runner.agent
      ? await runner.post(path, body)
      : await send(
          'POST',
          path,
          {
            'content-type': 'application/json',
            dpop: await runner.proof('POST', path),
            authorization: `DPoP ${runner.token}`,
          },
          JSON.stringify(body),
        )
    asked++
    if (answer.status >= 400 && !over) wrong++
    return answer
  }
  const forWork = async (runner: TestRunner): Promise<void> => {
    for (let n = 0; !over; n++)
      if ((await post(runner, '/wire/leases', { request: `${n}`, waitSeconds, freeSlots: 2 })).status === 200) got++
  }
  const forOrders = async (runner: TestRunner): Promise<void> => {
    while (!over) await post(runner, '/wire/orders', { done: [], waitSeconds })
  }
  const loops: Promise<void>[] = []
  for (const runner of runners) {
    loops.push(
      forWork(runner).catch(() => {}),
      forOrders(runner).catch(() => {}),
    )
    await pause((waitSeconds * 1_000) / many) // as they come online in life: not all in one breath
  }
  const watched = async (what: () => Promise<void>) => {
    const before = [processorSeconds(place.child.pid!), processorSeconds(place.postgres.pid)]
    const [began, askedBefore] = [performance.now(), asked]
    await what()
    const seconds = (performance.now() - began) / 1_000
    const program = (processorSeconds(place.child.pid!) - before[0]!) / seconds
    const database = (processorSeconds(place.postgres.pid) - before[1]!) / seconds
    return { program, database, cores: program + database, rate: (asked - askedBefore) / seconds }
  }
  const memory = pss([place.child.pid!])
  const idle = await watched(() => pause(watchedSeconds * 1_000))
  const taken: number[] = []
  const busy = await watched(async () => {
    for (let n = 0; n < watchedSeconds; n++) {
      const [before, began] = [got, performance.now()]
      await place.api.startRun({
        body: { workflow: 'fix-bug', title: `bug ${n}`, text: '', inputs: {}, request: null },
      })
      while (got === before && performance.now() - began < 5_000) await pause(1)
      taken.push(performance.now() - began)
      await pause(Math.max(0, 1_000 - (performance.now() - began)))
    }
  })
  over = true
  close()
  await Promise.all(loops)
  const cores = (n: number): string => `${n.toFixed(2)} cores`
  const parts = ({ program, database, rate }: typeof idle): string =>
    `program ${program.toFixed(2)}, PostgreSQL ${database.toFixed(2)}; ${Math.round(rate)} requests per second`
  return [
    against(`${many} runners that wait for work and orders, ${transport}`, idle.cores, 1, cores, {
      note: `${parts(idle)}; the program has ${Math.round(memory / 1_048_576)} MB`,
    }),
    against(`${many} runners, a run started every second, ${transport}`, busy.cores, 1, cores, { note: parts(busy) }),
    against('start of a run to its lease, beside them, p95, ' + transport, percentile(taken, 0.95), null, ms, {
      median: percentile(taken, 0.5),
      note: `${got} leases; ${wrong} requests were refused`,
    }),
  ]
}
