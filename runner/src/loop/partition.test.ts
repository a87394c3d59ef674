/** What happens to work when the control plane cannot be reached? */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import { begin, checksJob, finish, openBench, stopped, type Bench } from '../testing/bench.ts'
import type { Port } from '../work/port.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 4 })
})
afterEach(() => bench.end())

const types = (reports: Report[]): string[] => reports.map(({ type }) => type)
const first = () => bench.plane.leases.all[0]

test('F6: a partition shorter than the lease has no visible effect', async () => {
  bench.plane.settings.leaseSeconds = 10
  await bench.run(async (port) => {
    await begin(port)
    bench.plane.cut()
    port.log.write('during the partition\n')
    setTimeout(() => bench.plane.heal(), 1_200)
    await port.settled()
    expect(port.signal.aborted).toBe(false)
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(types(first()!.reports)).toEqual(['started', 'finished'])
})

test('F7: after a longer one, held work begins no effect, and goes on when the lease is still its own', async () => {
  const order: string[] = []
  await bench.run(async (port) => {
    await begin(port)
    await port.settled()
    first()!.expires = Number.POSITIVE_INFINITY // nobody else took it
    bench.plane.cut()
    await new Promise((next) => setTimeout(next, 4_300)) // the lease of four seconds is over by our own count
    const may = port.settled().then(() => order.push('effect'))
    await new Promise((next) => setTimeout(next, 300))
    order.push('still waiting')
    expect(port.signal.aborted).toBe(false)
    bench.plane.heal()
    await may
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(order).toEqual(['still waiting', 'effect'])
})

test('F7: held work is given up after its bounded time', async () => {
  let why = ''
  await bench.run(
    async (port) => {
      await begin(port)
      await port.settled()
      bench.plane.cut()
      why = await stopped(port)
    },
    { policy: 'partition: { hold_seconds: 1 }' },
  )
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => why !== '')
  expect(why).toBe('lease lost')
})

test('F8: with `stop`, work ends when its lease does; effects always do', async () => {
  const ends: number[] = []
  const soon = 20_000 // the lease is four seconds; without `stop` work is held for ten minutes
  const work = async (port: Port): Promise<void> => {
    if (port.lease.job.kind === 'checks') await begin(port)
    else await port.report({ type: 'effect_started', intent: 'int_1', attempt: 1 })
    await port.settled()
    const cutAt = performance.now()
    bench.plane.cut()
    await stopped(port)
    ends.push(performance.now() - cutAt)
  }
  const { worker } = await bench.run(work, { policy: 'partition: { mode: stop }' })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => ends.length === 1)
  expect(ends[0]).toBeLessThan(soon)
  worker.stop(true)
  await worker.ended
  bench.plane.heal()
  await bench.run(work)
  bench.plane.work({
    job: {
      kind: 'effect',
      intent: 'int_1',
      key: 'b'.repeat(64),
      action: 'git.push',
      attempt: 1,
      digest: 'c'.repeat(64),
      params: { repo: 'acme/written', ref: 'refs/heads/vp/x', expect: null, message: null },
      change: null,
      repos: [],
      limits: { seconds: 9, tokens: null, usdMicros: null },
    },
  })
  await bench.plane.until(() => ends.length === 2)
  expect(ends[1]).toBeLessThan(soon)
})
