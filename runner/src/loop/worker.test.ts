/** Does a worker carry work through whatever happens on the way? */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { constants, PerformanceObserver, type NodeGCPerformanceDetail } from 'node:perf_hooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import { begin, checksJob, finish, openBench, stopped, usage, type Bench } from '../testing/bench.ts'
import type { Port } from '../work/port.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 20 }) // no test here is about its end: a machine that pauses for two seconds ends none
})
afterEach(() => bench.end())

const simple = async (port: Port): Promise<void> => {
  await begin(port)
  port.log.write('hello\n')
  await finish(port)
}
const types = (reports: Report[]): string[] => reports.map(({ type }) => type)
const first = () => bench.plane.leases.all[0]

test('work is acknowledged, beaten for, done and reported, in this order', async () => {
  await bench.run(simple)
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(types(first()!.reports)).toEqual(['started', 'finished'])
  const calls = bench.plane.seen
    .filter(({ path: at }) => at.includes('/leases/'))
    .map(({ path: at }) => at.split('/').at(-1))
  expect(calls.slice(0, 3)).toEqual(['ack', 'beat', 'reports'])
})

test('the memory that the start and the work took is given back once nothing is in hand', async () => {
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as { detail: NodeGCPerformanceDetail }[])
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++
  })
  observer.observe({ entryTypes: ['gc'] })
  try {
    await bench.run(simple)
    // All garbage takes two collections of everything; V8 itself begins some only 8 seconds after it had much to do.
    await bench.plane.until(() => collections >= 2)
    bench.plane.work({ job: checksJob() })
    await bench.plane.until(() => first()?.state === 'ended')
    const before = collections
    await bench.plane.until(() => collections >= before + 2, 6_000)
    expect(first()!.reports.length).toBe(2)
  } finally {
    observer.disconnect()
  }
})

test('the log is a body of the run with its digests', async () => {
  const { ground } = await bench.run(simple)
  const { run } = bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  const report = first()!.reports[1]!
  const digest = createHash('sha256').update('hello\n').digest('hex')
  expect(report).toMatchObject({ log: { digest, bytes: 6, lines: 1, chunks: [digest], kind: 'log', home: 'edge' } })
  expect(Buffer.from((await ground.evidence.get(digest))!).toString()).toBe('hello\n')
  expect(await ground.evidence.find(run, digest)).toMatchObject({ kind: 'log' })
})

test('as much work runs at a time as there are slots, and parked work frees its slot', async () => {
  const running = new Set<string>()
  let most = 0
  await bench.run(
    async (port) => {
      running.add(port.lease.run)
      most = Math.max(most, running.size)
      await begin(port)
      await bench.plane.until(() => most === 2)
      running.delete(port.lease.run)
      await port.report({ type: 'parked', session: 's', usage })
    },
    { slots: 2 },
  )
  for (let n = 0; n < 6; n++) bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all.filter(({ state }) => state === 'ended').length === 6)
  expect(most).toBe(2)
})

test('F2: when the answer to a claim is lost, the same lease comes again', async () => {
  bench.plane.plant('/wire/leases', 'lost')
  await bench.run(simple)
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  const asked = bench.plane.seen
    .filter(({ path: at }) => at === '/wire/leases')
    .map(({ body }) => (body as { request: string }).request)
  expect(asked[1]).toBe(asked[0])
  expect(bench.plane.leases.all).toHaveLength(1)
  expect(first()!.lease.epoch).toBe(1)
})

test.each([-3_600, 3_600])('F13: a clock that is %d seconds off changes nothing', async (seconds) => {
  bench.plane.clockOff(seconds)
  const { ground } = await bench.run(simple)
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(Math.abs(ground.wire.clock.skew()! + seconds)).toBeLessThan(3)
})

test('F9: a restart of the control plane in the middle changes nothing, and cancel still works', async () => {
  let why = ''
  await bench.run(async (port) => {
    await begin(port)
    await bench.plane.stop()
    await bench.plane.start()
    bench.plane.order({ id: 'ord_1', order: 'cancel', run: port.lease.run, lease: null, reason: 'not needed' })
    why = await stopped(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(why).toBe('cancelled')
  expect(first()!.reports.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'cancelled', class: 'cancelled' } })
  await bench.plane.until(() => bench.plane.ordersDone.includes('ord_1'))
})

test('cancel also comes with the answer to a beat', async () => {
  let why = ''
  await bench.run(async (port) => {
    await begin(port)
    first()!.cancel = 'not needed'
    why = await stopped(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  expect(why).toBe('cancelled')
})

test('F14: when another runner with the same key took over, the work is fenced', async () => {
  let why = ''
  await bench.run(async (port) => {
    await begin(port)
    await port.settled()
    bench.plane.leases.hello('rnr_bench', []) // the copy says hello and holds nothing
    why = await stopped(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => why !== '')
  expect(why).toBe('lease lost')
  expect(first()!.state).toBe('lost')
})

test('F15: a drain takes no new work, goes on beating, and ends when the last report was accepted', async () => {
  const { worker } = await bench.run(async (port) => {
    await begin(port)
    worker.drain('test')
    bench.plane.work({ job: checksJob() }) // must stay where it is
    const beats = first()!.beats.length
    await bench.plane.until(() => first()!.beats.length >= beats + 2)
    bench.plane.plant('/reports', '500', '500', '500', '500')
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  expect(await worker.ended).toEqual({ how: 'drained', outcome: 'done' })
  expect(first()!.state).toBe('ended')
  expect(bench.plane.leases.all).toHaveLength(1)
  expect(bench.plane.leases.queue).toHaveLength(1)
})

test('the control plane can ask for a drain', async () => {
  const { worker } = await bench.run(simple)
  bench.plane.order({ id: 'ord_2', order: 'drain' })
  expect(await worker.ended).toEqual({ how: 'drained', outcome: null })
})

const ephemeral = { mode: 'ephemeral', lingerMs: 60_000 } as const
const stored = (run: string, job = checksJob()) => bench.plane.work({ run, job, bodies: 'stored' })

test('an ephemeral worker does all the work of one run, none of another, and ends with it', async () => {
  const { worker } = await bench.run(simple, ephemeral)
  stored('run_one')
  stored('run_two')
  stored('run_one')
  await bench.plane.until(() => bench.plane.leases.all.filter(({ state }) => state === 'ended').length === 2)
  bench.plane.finish('run_one', 'succeeded')
  expect(await worker.ended).toEqual({
    how: 'drained',
    outcome: 'done',
    run: { run: 'run_one', outcome: 'succeeded' },
  })
  expect(bench.plane.leases.queue.map(({ run }) => run)).toEqual(['run_two'])
  expect(bench.plane.left).toEqual([])
})

test('an ephemeral worker that has waited long enough gives its run back', async () => {
  const { worker } = await bench.run(simple, { ...ephemeral, lingerMs: 1_100 })
  stored('run_one')
  expect(await worker.ended).toMatchObject({ how: 'drained', run: { run: 'run_one', outcome: null } })
  expect(bench.plane.left).toEqual(['run_one'])
})

test('an ephemeral worker that is drained finishes its work and gives its run back', async () => {
  const { worker } = await bench.run(simple, ephemeral)
  stored('run_one')
  await bench.plane.until(() => bench.plane.leases.all.some(({ state }) => state === 'ended'))
  worker.drain('the test wants it')
  expect(await worker.ended).toMatchObject({ how: 'drained', outcome: 'done' })
  expect(bench.plane.left).toEqual(['run_one'])
})

test('an ephemeral worker refuses a run whose bodies stay on the runner, in words, and ends', async () => {
  const { worker } = await bench.run(simple, ephemeral)
  bench.plane.work({ job: checksJob() })
  expect(await worker.ended).toMatchObject({ outcome: 'refused' })
  expect(first()!.failure).toMatchObject({
    code: 'runner_refused',
    summary: expect.stringContaining('`viewport workspace change --bodies stored`'),
    started: false,
  })
})

test('F16: an ephemeral worker whose offer was lost ends and takes no other', async () => {
  for (const kind of ['409', '404', '410'] as const) {
    bench.plane.plant('/ack', kind)
    const { worker } = await bench.run(simple, ephemeral)
    stored(`run_${kind}`)
    stored('run_other')
    expect(await worker.ended).toMatchObject({ how: 'drained', outcome: 'offer-lost' })
    bench.plane.leases.queue.length = 0
  }
})

test('a worker does not start on what a newer vpd left, and nothing of it is lost', async () => {
  const { folder } = await bench.pair()
  const place = path.join(folder, 'journal', 'lease_9.1.ndjson')
  await mkdir(path.dirname(place), { recursive: true })
  await writeFile(place, '{"v":2,"lease":"lease_9"}\n')
  const { worker } = await bench.run(simple)
  await expect(worker.ended).rejects.toThrow('newer vpd')
  expect(await readFile(place, 'utf8')).toContain('"v":2')
  expect(bench.plane.hellos).toEqual([])
})

test('F33: a removed runner ends, and says why', async () => {
  const { worker } = await bench.run(simple)
  await bench.plane.until(() => bench.plane.hellos.length > 0)
  bench.plane.runners.clear()
  bench.plane.cut() // ends the polls that wait
  bench.plane.heal()
  expect(await worker.ended).toMatchObject({ how: 'refused', refusal: { refusal: 'runner_revoked' } })
})

test('work that throws, says nothing or ends twice leaves exactly one end', async () => {
  const { said } = await bench.run(async (port) => {
    await begin(port)
    const [what] = port.lease.job.kind === 'checks' ? (port.lease.job.commands ?? []) : []
    if (what === 'throw') throw new Error('the floor is lava')
    if (what === 'twice') await finish(port).then(() => finish(port))
  })
  for (const what of ['throw', 'silent', 'twice']) {
    const work = bench.plane.work({ job: checksJob(what) })
    await bench.plane.until(() => bench.plane.leases.all.find((one) => one.work === work)?.state === 'ended')
  }
  const ends = bench.plane.leases.all.map(({ reports }) => reports.slice(1))
  expect(ends[0]).toMatchObject([
    {
      type: 'failed',
      failure: { code: 'runner_fault', summary: 'The runner failed: the floor is lava', class: 'runner' },
    },
  ])
  expect(ends[1]).toMatchObject([{ type: 'failed', failure: { code: 'no_result' } }])
  expect(ends[2]).toMatchObject([{ type: 'finished' }])
  expect(said.join('\n')).not.toMatch(/fault in/)
})

test('an effect that ends without a word is unknown, never failed', async () => {
  await bench.run(async (port) => {
    await port.report({ type: 'effect_started', intent: 'int_1', attempt: 1 })
    throw new Error('crash')
  })
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
  await bench.plane.until(() => first()?.state === 'ended')
  expect(first()!.reports.at(-1)).toMatchObject({ type: 'effect_unknown', intent: 'int_1' })
})

test('a stop ends the work, and leaves nothing in the journal that is not ours to finish', async () => {
  let why = ''
  const { worker, ground } = await bench.run(async (port) => {
    await begin(port)
    await port.settled()
    worker.stop()
    why = await stopped(port)
  })
  bench.plane.work({ job: checksJob() })
  expect(await worker.ended).toEqual({ how: 'stopped', outcome: 'left' })
  expect(why).toBe('shutdown')
  const next = await bench.run(simple)
  await bench.plane.until(() => next.said.some((line) => line.includes('was cut off')))
  expect((await readdir(path.join(ground.folder, 'journal'))).filter((name) => name.endsWith('.ndjson'))).toEqual([])
  await bench.plane.until(() => first()!.state === 'lost')
})
