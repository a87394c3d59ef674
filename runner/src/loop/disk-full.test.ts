/** F27: what happens to work when the disk takes no more? */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checksJob, finish, openBench, type Bench } from '../testing/bench.ts'

let bench: Bench
let child: ChildProcess | null = null
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 5 })
  await bench.pair()
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await bench.end()
})

const program = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url))
const policy = 'evidence: { free_megabytes: 0 }'
const told: Record<string, unknown>[] = []
/** Runs a worker behind a line of shell that makes its disk small. */
const startBehind = (argv: string[], shell: string): void => {
  const [command = 'sh', ...rest] = [
    ...argv,
    'sh',
    '-c',
    `${shell} && exec "$@"`,
    'sh',
    process.execPath,
    program,
    bench.home,
    'rnr_bench',
    policy,
  ]
  child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout! }).on('line', (line) => told.push(JSON.parse(line) as Record<string, unknown>))
}
const lease = (n: number) => bench.plane.leases.all[n]
const canMount = (() => {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const failsClearly = async (): Promise<void> => {
  bench.plane.work({ job: checksJob('fill') })
  await bench.plane.until(() => lease(0)?.state === 'ended')
  expect(lease(0)!.reports.map(({ type }) => type)).toEqual(['started', 'failed'])
  expect(lease(0)!.reports[1]).toMatchObject({ failure: { code: 'disk_full', class: 'runner', retrySafe: true } })
}

test.skipIf(process.platform === 'win32')(
  'a file that may not grow ends the step, and the next work is taken',
  async () => {
    startBehind([], "trap '' XFSZ; ulimit -f 1000")
    await failsClearly()
    bench.plane.work({ job: checksJob('finish') })
    await bench.plane.until(() => lease(1)?.state === 'ended')
    expect(lease(1)!.reports.map(({ type }) => type)).toEqual(['started', 'finished'])
  },
)

test.skipIf(!canMount)(
  'on a disk that is really full the step fails, the lease is given back, and the journal stays readable',
  async () => {
    startBehind(
      ['unshare', '-rm'],
      `cp -r '${bench.home}' '${bench.home}.copy' && mount -t tmpfs -o size=1m tmpfs '${bench.home}' && cp -r '${bench.home}.copy/.' '${bench.home}' && rm -r '${bench.home}.copy'`,
    )
    await failsClearly()
    // Then work is either done in what room is left, or given back with the reason. It is never left to run out.
    bench.plane.work({ job: checksJob('finish') })
    await bench.plane.until(() => ['ended', 'refused'].includes(lease(1)?.state ?? ''))
    expect(child!.exitCode).toBeNull()
  },
)

test(
  'a runner without room for work says so to the control plane, and when there is room again',
  { timeout: 40_000 },
  async () => {
    const { ground } = await bench.run(finish, { policy: 'evidence: { free_megabytes: 1000000000 }' })
    const hellos = () => bench.plane.hellos.map(({ capabilities }) => capabilities)
    await bench.plane.until(() => hellos().length === 1)
    expect(hellos()[0]!.takesNoWork).toMatch(/^\d+ MB are free on the disk, 1000000000 MB are wanted/)
    ground.policy.evidence.free_megabytes = 0
    await bench.plane.until(() => hellos().length === 2, 30_000)
    expect(hellos()[1]!.takesNoWork).toBeUndefined()
  },
)
