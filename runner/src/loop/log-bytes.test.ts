/** Do logs and bodies arrive whole, whatever is in them and however they are sent? */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { firstWrongChunk, type BodyRef } from '@viewportai/core/digest/body'
import { forgetRun, oldRuns } from '../evidence/forget.ts'
import type { LiveLog } from '../evidence/step-log.ts'
import { begin, checksJob, finish, openBench, stopped, type Bench } from '../testing/bench.ts'

let bench: Bench
beforeEach(async () => {
  // No test here is about time: a machine that stands still for long must not cost the lease.
  bench = await openBench({ leaseSeconds: 60 })
})
afterEach(() => bench.end())
const first = () => bench.plane.leases.all[0]
/** Waits longer than the work does, whose own reason is in its last report then. */
const ended = () => bench.plane.until(() => first()?.state === 'ended' && first()!, 45_000)
const logRef = (): BodyRef => (first()!.reports.at(-1) as { log: BodyRef }).log

const euro = Buffer.from('€')
test.each<[string, (Buffer | string)[]]>([
  ['nothing', []],
  ['zero bytes', [Buffer.alloc(0)]],
  ['NUL and invalid UTF-8', [Buffer.from([0, 0xff, 0xfe, 0x80, 0xc3, 10, 0])]],
  ['a character cut in two', [Buffer.concat([Buffer.alloc(65_535, 'x'), euro.subarray(0, 1)]), euro.subarray(1)]],
  ['one line of 10 MB', [Buffer.alloc(10_000_000, 'a')]],
  ['many small pieces', Array.from({ length: 3_000 }, (_, n) => `line ${n}\n`)],
])('F24: a log of %s arrives byte for byte', async (_, pieces) => {
  const { ground } = await bench.run(async (port) => {
    await begin(port)
    pieces.forEach((piece) => port.log.write(piece))
    await finish(port)
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await ended()
  const expected = Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
  const kept = Buffer.from((await ground.evidence.get(logRef().digest))!)
  expect(kept.equals(expected)).toBe(true)
  expect(logRef().bytes).toBe(expected.length)
  expect(firstWrongChunk(logRef(), kept)).toBeNull()
  expect(first()!.log.equals(expected)).toBe(true) // I3: what the control plane has is what was produced
})

test('F24: a gigabyte of output is cut at the limit, with a word about it, and beats go on', async () => {
  bench.plane.settings.leaseSeconds = 3
  await bench.run(
    async (port) => {
      await begin(port)
      const part = Buffer.alloc(1_048_576, 'output of a program that does not stop\n')
      for (let n = 0; n < 1_024; n++) {
        port.log.write(part)
        if (n % 16 === 0) await new Promise((next) => setImmediate(next))
      }
      expect(port.signal.aborted).toBe(false)
      await finish(port)
    },
    { policy: 'evidence: { log_megabytes: 4 }' },
  )
  bench.plane.work({ job: checksJob() })
  await ended()
  expect(logRef().bytes).toBeGreaterThan(4 * 1_048_576)
  expect(logRef().bytes).toBeLessThan(4 * 1_048_576 + 200)
})

test('F25: after a gap the log goes on from the right offset, and a replay does no harm', async () => {
  await bench.run(async (port) => {
    await begin(port)
    port.log.write('one\n')
    await bench.plane.until(() => first()!.log.length === 4)
    first()!.log = Buffer.from('on') // the control plane lost the end of it
    port.log.write('two\n')
    await bench.plane.until(() => first()!.log.length === 8)
    bench.plane.plant('/log', 'lost') // taken, but nobody said so: it is sent again
    port.log.write('three\n')
    await finish(port)
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await ended()
  expect(first()!.reports.at(-1)).toMatchObject({ type: 'finished' })
  expect(first()!.log.toString()).toBe('one\ntwo\nthree\n')
})

test('F25: when other bytes are stored at an old offset, the work stops', async () => {
  let why = ''
  await bench.run(async (port) => {
    await begin(port)
    port.log.write('one\n')
    await bench.plane.until(() => first()!.log.length === 4)
    bench.plane.leases.storeLog = () => ({
      refusal: 'offset_conflict',
      words: 'Other bytes.',
      next: 'Stop.',
      facts: {},
    })
    port.log.write('two\n')
    why = await stopped(port)
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await bench.plane.until(() => why !== '')
  expect(why).toBe('lease lost')
})

test('a log that cannot be read any more fails its step and does not end vpd', async () => {
  const { said } = await bench.run(async (port) => {
    await begin(port)
    port.log.write('one\n')
    await bench.plane.until(() => first()!.log.length === 4)
    await rm((port.log as LiveLog).file)
    port.log.write('two\n')
    await expect.poll(() => said.join('\n'), { timeout: 15_000 }).toMatch(/the log of .* is not sent any more/)
    await finish(port)
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await ended()
  expect(first()!.reports.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'runner_fault' } })
})

test('F26: the end is reported only when the last byte of its bodies is there; also after a cancel', async () => {
  await bench.run(async (port) => {
    await begin(port)
    bench.plane.plant('/wire/bodies', '500', 'lost', '503')
    const output = await port.evidence.put(port.lease.run, 'output', 'text/plain', randomBytes(3 * 1_048_576 + 7))
    first()!.cancel = 'enough'
    await stopped(port)
    port.log.write('the last words\n')
    await port.report({
      type: 'failed',
      failure: {
        code: 'cancelled',
        class: 'cancelled',
        summary: 'Cancelled.',
        check: '',
        retrySafe: true,
        started: true,
      },
      usage: { inputTokens: null, outputTokens: null, cachedTokens: null, usdMicros: null, source: 'none' },
      log: await port.log.close(),
      millis: 1,
    })
    expect(output.home).toBe('stored')
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await ended()
  expect(first()!.log.toString()).toBe('the last words\n')
  expect(bench.plane.bodies.get(logRef().digest)?.toString()).toBe('the last words\n')
})

test('a stored body of several megabytes arrives whole before the report that names it', async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => `line ${n}`).join('\n'))
  await bench.run(async (port) => {
    await begin(port)
    const body = await port.evidence.put(port.lease.run, 'plan', 'text/markdown', bytes)
    await port.report({
      type: 'finished',
      result: { kind: 'plan', body, files: [], steps: 1, title: null },
      usage: { inputTokens: null, outputTokens: null, cachedTokens: null, usdMicros: null, source: 'none' },
      log: await port.log.close(),
      session: null,
      millis: 1,
    })
  })
  bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await ended()
  const digest = createHash('sha256').update(bytes).digest('hex')
  expect(bench.plane.bodies.get(digest)?.equals(bytes)).toBe(true)
})

test('a secret never gets as far as the log, a body or a report, and a change that holds one is refused', async () => {
  const secret = 'cnry-4Kx9-mQ7w-Lp2z'
  process.env['BENCH_CANARY'] = secret
  const { ground } = await bench
    .run(
      async (port) => {
        await begin(port)
        for (const byte of Buffer.from(`before ${secret} after\n`)) port.log.write(Uint8Array.of(byte))
        await port.report({
          type: 'refused',
          code: 'x',
          words: `it said ${Buffer.from(secret).toString('base64')}`,
          about: { deep: [secret] },
        })
        const plan = await port.evidence.put(
          port.lease.run,
          'plan',
          'text/markdown',
          Buffer.from(`the plan: ${secret}`),
        )
        expect(Buffer.from((await port.evidence.get(plan.digest))!).toString()).toBe(
          'the plan: [redacted BENCH_CANARY]',
        )
        await port.evidence.put(port.lease.run, 'patch', 'text/x-diff', Buffer.from(`+const token = "${secret}"\n`))
      },
      { policy: 'secrets: [BENCH_CANARY]' },
    )
    .finally(() => delete process.env['BENCH_CANARY'])
  bench.plane.work({ job: checksJob() })
  await ended()
  expect(first()!.reports.at(-1)).toMatchObject({
    type: 'failed',
    failure: { code: 'runner_refused', class: 'policy', summary: expect.stringContaining('BENCH_CANARY') },
  })
  expect(first()!.reports[1]).toMatchObject({
    words: expect.stringMatching(/^it said \[redacted BENCH_CANARY\].{0,3}$/),
    about: { deep: ['[redacted BENCH_CANARY]'] },
  })
  expect(Buffer.from((await ground.evidence.get(logRef().digest))!).toString()).toBe(
    'before [redacted BENCH_CANARY] after\n',
  )
  expect(JSON.stringify(bench.plane.seen)).not.toContain('cnry-4Kx9')
})

test('a body that was changed on the disk is not given out', async () => {
  const { ground } = await bench.run(async () => {})
  const ref = await ground.evidence.put('run_1', 'plan', 'text/plain', Buffer.from('right'), 'edge')
  const file = `${ground.folder}/evidence/bodies/${ref.digest.slice(0, 2)}/${ref.digest}`
  expect((await stat(file)).mode & 0o077).toBe(0)
  await writeFile(file, 'wrong')
  expect(await ground.evidence.get(ref.digest)).toBeNull()
})

test('forgetting a run erases what only it named', async () => {
  const { ground } = await bench.run(async () => {})
  const mine = await ground.evidence.put('run_1', 'plan', 'text/plain', Buffer.from('mine'), 'edge')
  const both = await ground.evidence.put('run_1', 'plan', 'text/plain', Buffer.from('both'), 'edge')
  await ground.evidence.put('run_2', 'plan', 'text/plain', Buffer.from('both'), 'edge')
  bench.plane.order({ id: 'ord_1', order: 'forget', run: 'run_1' })
  await bench.plane.until(() => bench.plane.ordersDone.includes('ord_1'))
  expect(await ground.evidence.get(mine.digest)).toBeNull()
  expect(await ground.evidence.get(both.digest)).not.toBeNull()
  expect(await ground.evidence.find('run_1', both.digest)).toBeNull()
  expect(await ground.evidence.old(-1)).toEqual(['run_2'])
  expect(await ground.evidence.old(60_000)).toEqual([])
  await mkdir(`${ground.folder}/logs/run_3`, { recursive: true })
  expect((await oldRuns(ground.folder, ground.evidence, -1)).toSorted()).toEqual(['run_2', 'run_3'])
  expect(await oldRuns(ground.folder, ground.evidence, 60_000)).toEqual([])
  await forgetRun(ground.folder, ground.evidence, 'run_2')
  expect(await ground.evidence.get(both.digest)).toBeNull()
})
