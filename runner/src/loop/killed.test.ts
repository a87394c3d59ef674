/** What does a worker leave behind when it is killed or stopped, and what does the next one make of it? */
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLines } from '../disk/line-file.ts'
import { begin, checksJob, finish, openBench, type Bench } from '../testing/bench.ts'

let bench: Bench
const started: ChildProcess[] = []
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 20 })
  await bench.pair()
})
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
  }
  await bench.end()
})

type Told = Record<string, unknown>
const program = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url))
const startProcess = (policy = ''): { child: ChildProcess; told: Told[] } => {
  const child = spawn(process.execPath, [program, bench.home, 'rnr_bench', policy], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const told: Told[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => told.push(JSON.parse(line) as Told))
  return { child, told }
}
const first = () => bench.plane.leases.all[0]
const has = (told: Told[], key: string): Told | undefined => told.find((one) => key in one)
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const journalOf = async (): Promise<string[]> => readdir(path.join(bench.home, 'runners', 'rnr_bench', 'journal'))

test('F3: killed between the acknowledgement and the start, the work goes back and comes again with the next epoch', async () => {
  bench.plane.plant('/beat', 'hang') // it never gets to the start
  const { child } = startProcess()
  bench.plane.work({ job: checksJob('finish') })
  await bench.plane.until(() => first()?.state === 'held')
  child.kill('SIGKILL')
  startProcess()
  const again = await bench.plane.until(() => bench.plane.leases.all[1]?.state === 'ended' && bench.plane.leases.all[1])
  expect(first()!.state).toBe('expired')
  expect(again.lease.epoch).toBe(2)
  expect(first()!.reports).toEqual([])
})

test('F4: killed in the middle, the next start does not hold the work; it is lost and not begun again', async () => {
  const { child, told } = startProcess()
  bench.plane.work({ job: checksJob('sleep') })
  await bench.plane.until(() => has(told, 'working') && first()!.reports.length === 1)
  child.kill('SIGKILL')
  const next = startProcess()
  await bench.plane.until(() => has(next.told, 'online'))
  expect(bench.plane.hellos.at(-1)?.holding).toEqual([])
  expect(first()!.state).toBe('lost')
  expect((await journalOf()).filter((name) => name.endsWith('.ndjson'))).toEqual([])
  expect((await journalOf()).some((name) => name.endsWith('.lost'))).toBe(true)
})

test('a result that was on disk when vpd was killed is sent by the next start', async () => {
  const { child } = startProcess()
  bench.plane.plant('/reports', ...Array.from({ length: 50 }, () => '500' as const))
  bench.plane.work({ job: checksJob('finish') })
  await bench.plane.until(() => bench.plane.seen.some(({ path: at }) => at.endsWith('/reports')))
  const file = path.join(bench.home, 'runners', 'rnr_bench', 'journal', `${first()!.lease.lease}.1.ndjson`)
  for (
    let seen = 0;
    seen < 2;
    seen = (await readLines(file)).filter((line) => typeof line === 'object' && line !== null && 'seq' in line).length
  )
    await new Promise((next) => setTimeout(next, 20))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  await appendFile(file, '{"seq":3,"rep') // a line that the kill cut short
  bench.plane.unplant('/reports')
  const next = startProcess()
  await bench.plane.until(() => first()!.state === 'ended')
  expect(bench.plane.hellos.at(-1)?.holding).toEqual([{ lease: first()!.lease.lease, epoch: 1 }])
  expect(first()!.reports.map(({ type }) => type)).toEqual(['started', 'finished'])
  await bench.plane.until(() => next.told.some((one) => String(one['said']).startsWith('sent what was left')))
  expect((await journalOf()).filter((name) => name.endsWith('.ndjson'))).toEqual([])
})

test('F5: stopped for three lease times and continued, every write of it is refused and its processes end', async () => {
  bench.plane.settings.leaseSeconds = 4
  const { child, told } = startProcess()
  bench.plane.work({ job: checksJob('sleep') })
  const { children } = (await bench.plane.until(() => first()?.reports.length === 1 && has(told, 'working'))) as {
    children: number[]
  }
  child.kill('SIGSTOP')
  await bench.plane.until(() => {
    bench.plane.leases.expire()
    return first()!.state === 'lost'
  })
  await new Promise((next) => setTimeout(next, bench.plane.settings.leaseSeconds * 2_000))
  const accepted = first()!.reports.length
  child.kill('SIGCONT')
  const began = performance.now()
  await bench.plane.until(() => has(told, 'stopped') && !children.some(isAlive))
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(has(told, 'stopped')).toEqual({ stopped: 'lease lost' })
  expect(first()!.reports).toHaveLength(accepted)
})

test('F12: with every processor busy the beats are still on time', async () => {
  const { told } = startProcess()
  bench.plane.settings.leaseSeconds = 4
  bench.plane.work({ job: checksJob('burn') })
  await bench.plane.until(() => has(told, 'working'))
  await bench.plane.until(() => first()!.state !== 'held', 30_000)
  expect(first()!.state).toBe('ended')
  const gaps = first()!.beats.map(({ at }, n, all) => at - (all[n - 1]?.at ?? at))
  expect(Math.max(...gaps)).toBeLessThan(4_000)
  expect(first()!.beats.length).toBeGreaterThan(3)
})

test('a stop by signal ends the work and its processes', async () => {
  const { child, told } = startProcess()
  bench.plane.work({ job: checksJob('sleep') })
  const { children } = (await bench.plane.until(() => has(told, 'working'))) as { children: number[] }
  child.kill('SIGTERM')
  await bench.plane.until(() => has(told, 'ended'))
  expect(has(told, 'stopped')).toEqual({ stopped: 'shutdown' })
  expect(children.some(isAlive)).toBe(false)
})

test('a grant begins work once, also after a restart', async () => {
  const { worker } = await bench.run(async (port) => {
    await begin(port)
    await finish(port)
  })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => first()?.state === 'ended')
  worker.stop()
  await worker.ended
  const again = await bench.run(async (port) => {
    await begin(port)
    await finish(port)
  })
  await bench.plane.until(() => bench.plane.hellos.length === 2)
  // The control plane, or someone between, sends the very same lease once more.
  const lease = first()!
  Object.assign(lease, { state: 'offered', reports: [], texts: [], expires: Number.POSITIVE_INFINITY })
  bench.plane.leases.offer = async () => (lease.state === 'offered' ? lease.lease : null)
  await bench.plane.until(() => lease.state === 'refused')
  expect(lease.failure).toMatchObject({ code: 'grant_used', started: false })
  expect(lease.reports).toEqual([])
  expect(again.said.join()).toContain('This grant was used already.')
})
