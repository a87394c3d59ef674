/** Which faults of a request are tried again, and which end the work? */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import type { FaultKind } from '../testing/faults.ts'
import { begin, checksJob, finish, openBench, stopped, type Bench } from '../testing/bench.ts'
import type { Port } from '../work/port.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 20 })
})
afterEach(() => bench.end())

const simple = async (port: Port): Promise<void> => {
  await begin(port)
  port.log.write('hello\n')
  await finish(port)
}
const types = (reports: Report[]): string[] => reports.map(({ type }) => type)
const first = () => bench.plane.leases.all[0]

const passing: FaultKind[][] = [
  ['500', 'html', 'truncated', 'lost'],
  ['503', 'reset', 'redirect', '429'],
]
const addresses = ['/ack', '/beat', '/reports', '/hello', '/token', '/wire/leases', '/wire/orders']
describe('passing faults', () => {
  test.concurrent.for(addresses.flatMap((on) => passing.map((kinds) => ({ on, kinds }))))(
    'F11: $on is sent again after $kinds',
    async ({ on, kinds }, { expect, onTestFinished }) => {
      const mine = await openBench({ leaseSeconds: 30 })
      onTestFinished(() => mine.end())
      mine.plane.plant(on, ...kinds)
      await mine.run(simple)
      mine.plane.work({ job: checksJob() })
      const lease = await mine.plane.until(() => mine.plane.leases.all.find(({ state }) => state === 'ended'))
      expect(types(lease.reports)).toEqual(['started', 'finished'])
    },
  )
})

test('F11: a beat that hangs is given up and sent again before the lease ends', async () => {
  bench.plane.settings.leaseSeconds = 9
  await bench.run(async (port) => {
    await begin(port)
    bench.plane.plant('/beat', 'hang', 'hang')
    await Promise.race([stopped(port), bench.plane.until(() => first()!.beats.length >= 3)])
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(types(first()!.reports)).toEqual(['started', 'finished'])
})

test.each([['409'], ['410'], ['404'], ['401', '401'], ['403']] satisfies FaultKind[][])(
  'F11: after %s %s a beat stops the work',
  async (...kinds) => {
    let why = ''
    await bench.run(async (port) => {
      await begin(port)
      bench.plane.plant('/beat', ...kinds)
      why = await stopped(port)
    })
    bench.plane.work({ job: checksJob() })
    await bench.plane.until(() => why !== '')
    expect(why).toBe('lease lost')
  },
)

test('F11: one 401 is answered with a new token', async () => {
  await bench.run(async (port) => {
    await begin(port)
    bench.plane.plant('/beat', '401')
    await bench.plane.until(() => first()!.beats.length >= 2)
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(bench.plane.seen.filter(({ path: at }) => at === '/wire/token').length).toBeGreaterThan(1)
})

test('F11: two 401 with a fault between them are not two in a row: the work goes on', async () => {
  await bench.run(async (port) => {
    await begin(port)
    bench.plane.plant('/beat', '401', '503', '401')
    await bench.plane.until(() => first()!.beats.length >= 3)
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(first()!.reports.at(-1)).toMatchObject({ type: 'finished' })
})

test('a token is renewed before it ends', async () => {
  bench.plane.settings.tokenSeconds = 5
  await bench.run(async (port) => {
    await begin(port)
    await bench.plane.until(() => first()!.beats.length >= 8)
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(bench.plane.seen.filter(({ path: at, status }) => at !== '/wire/token' && status === 401)).toEqual([])
})
