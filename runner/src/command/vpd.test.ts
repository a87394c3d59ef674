/** Does `vpd` do at a terminal what its help says? The real program against a control plane on the loopback. */
import { existsSync } from 'node:fs'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Job } from '@viewportai/core/wire/job'
import { testRemote } from '../git/remote.fixture.ts'
import { openBench, type Bench } from '../testing/bench.ts'

let bench: Bench
const started: ChildProcess[] = []
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 10 })
})
afterEach(async () => {
  started.splice(0).forEach((child) => child.kill('SIGKILL'))
  await bench.end()
})

const program = fileURLToPath(new URL('../../bin/vpd.js', import.meta.url))
type Vpd = {
  child: ChildProcess
  out(): string
  err(): string
  code: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}
const vpd = (...words: string[]): Vpd => {
  // Its own HOME, and no Viewport of this machine: nothing of whoever runs the tests gets in.
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: bench.home, VPD_HOME: path.join(bench.home, 'r') },
  })
  started.push(child)
  let out = ''
  let err = ''
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr?.on('data', (part: Buffer) => (err += part.toString()))
  return {
    child,
    out: () => out,
    err: () => err,
    code: new Promise((resolve) => child.on('close', resolve)),
    kill: (signal) => void child.kill(signal),
  }
}
const run = async (...words: string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const one = vpd(...words)
  return { code: await one.code, out: one.out(), err: one.err() }
}
const pairOnce = async (): Promise<Vpd> => {
  const pairing = vpd('pair', '--worker', '--transport=polling', '--server', bench.plane.url)
  const asked = await bench.plane.until(() => bench.plane.pairings.at(-1))
  bench.plane.approve(asked, `rnr_${bench.plane.pairings.length}`, 'payments-vps')
  expect(await pairing.code).toBe(0)
  return pairing
}

test('pairing prints code and words, waits, and says what it found', async () => {
  const pairing = vpd('pair', '--worker', '--transport=polling', '--server', bench.plane.url)
  const asked = await bench.plane.until(() => bench.plane.pairings[0])
  await bench.plane.until(() => pairing.out().includes('code:'))
  bench.plane.approve(asked, 'rnr_1', 'payments-vps')
  expect(await pairing.code).toBe(0)
  const lines = pairing.out().trimEnd().split('\n')
  expect(lines[0]).toBe(`  open ${bench.plane.url}/pair · code: ${asked.code}`)
  expect(lines[1]).toMatch(/^ {2}check there: [a-z]+ [a-z]+ [a-z]+$/)
  expect(lines[2]).toBe('  ✓ approved · paired as "payments-vps"')
  expect(lines[3]).toMatch(/^ {2}✓ detected: git, node/)
  expect(pairing.err()).not.toContain('answers again')
  expect((await run('status')).out).toContain('not running')
  const again = await run('pair', '--worker', '--server', bench.plane.url)
  expect(again).toMatchObject({ code: 3, err: expect.stringContaining('paired with') })
})

test('a refused, forgotten or interrupted pairing leaves nothing behind', async () => {
  const refused = vpd('pair', '--worker', '--server', bench.plane.url)
  const asked = await bench.plane.until(() => bench.plane.pairings[0])
  asked.state = { state: 'refused', why: 'not ours' }
  expect(await refused.code).toBe(3)
  expect(refused.err()).toContain('the pairing was refused: not ours')

  const forgotten = vpd('pair', '--worker', '--server', bench.plane.url, '--json')
  await bench.plane.until(() => bench.plane.pairings[1])
  bench.plane.pairings.length = 0
  expect(await forgotten.code).toBe(3)
  const events = forgotten
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events.at(-1)).toMatchObject({ event: 'error', code: 3, refusal: 'pairing_unknown' })

  const interrupted = vpd('pair', '--worker', '--server', bench.plane.url)
  await bench.plane.until(() => interrupted.out().includes('code:'))
  interrupted.kill('SIGINT')
  expect(await interrupted.code).toBe(130)
  expect((await run('status', '--json')).out).toContain('"runners":[]')
})

test('what is not there, not named or not right is refused with its own code', async () => {
  expect(await run('worker', 'start')).toMatchObject({ code: 5, err: expect.stringContaining('not paired yet') })
  expect(await run('pair', '--worker', '--transport=pigeon')).toMatchObject({
    code: 2,
    err: expect.stringContaining('polling, relay'),
  })
  expect(await run('pair', '--worker', '--relay', 'relay.example')).toMatchObject({ code: 2 })
  expect(await run('pair', '--worker', '--transport', 'polling', '--relay', 'https://relay.example')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Leave one of them out'),
  })
  expect(await run('pair', '--worker', '--server', 'http://viewport.example')).toMatchObject({
    code: 5,
    err: expect.stringContaining('not encrypted'),
  })
  expect(await run('worker', 'start', '--slots', '0')).toMatchObject({ code: 2 })
  expect(await run('worke')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean worker?') })
  expect(await run('logs', '../../etc')).toMatchObject({ code: 5 })
  await mkdir(path.join(bench.home, 'r'), { recursive: true })
  await writeFile(path.join(bench.home, 'r', 'policy.yaml'), 'agent: [claude]\n')
  expect(await run('worker', 'start')).toMatchObject({
    code: 3,
    err: expect.stringContaining('agent is not a key of a policy'),
  })
  expect(await run('doctor')).toMatchObject({ code: 8, out: expect.stringContaining('✗ policy') })
})

test('a worker comes online, does work, shows it, drains and ends', async () => {
  await pairOnce()
  const remote = await testRemote({ 'README.md': 'hello\n' })
  // The check waits for a file of this test's: behind a sandbox it sees only what the policy lets it read.
  const signs = path.join(remote.root, 'signs')
  await mkdir(signs)
  await writeFile(path.join(bench.home, 'r', 'policy.yaml'), `walls: { read: ['${signs}'] }\n`)
  const worker = vpd('worker', 'start', '--mode', 'persistent', '--transport', 'polling')
  await bench.plane.until(() => worker.out().includes('✓ online · waiting for assignments\n'), 30_000)
  expect(await run('worker', 'start')).toMatchObject({ code: 6, err: expect.stringContaining('runs already') })
  expect(await run('unpair', '--yes')).toMatchObject({ code: 6 })

  const job: Job = {
    kind: 'checks',
    round: 1,
    commands: [],
    repos: [
      {
        name: 'acme/shop',
        url: remote.url,
        ref: 'refs/heads/main',
        commit: null,
        use: { name: 'acme/shop', ref: null, access: 'read', write: [], protect: [] },
      },
    ],
    change: null,
    baseline: false,
    limits: { seconds: 60, tokens: null, usdMicros: null },
  }
  job.commands = [`while [ ! -e '${signs}/go' ]; do sleep 0.05; done; echo and goodbye`]
  job.commands.unshift('echo hello from the check')
  const work = bench.plane.work({ job, step: 'verify' })
  await bench.plane.until(() => worker.out().includes(`started ${work.run}`), 30_000)
  const following = vpd('logs', work.run, '--follow')
  await bench.plane.until(() => following.out().includes('hello from the check\n'))
  expect(following.out()).not.toContain('\nand goodbye\n')
  await writeFile(path.join(signs, 'go'), '')
  expect(await following.code).toBe(0)
  expect(following.out()).toContain('\nand goodbye\n')
  const lease = await bench.plane.until(
    () => bench.plane.leases.all.find(({ state }) => state === 'ended' || state === 'refused'),
    30_000,
  )
  expect(lease.failure).toBeNull()
  expect(lease.reports.at(-1)).toMatchObject({ type: 'finished', result: { kind: 'checks', passed: true } })

  const logs = await run('logs', work.run, '--step', 'verify')
  expect(logs).toMatchObject({ code: 0, out: expect.stringContaining('hello from the check') })
  expect((await run('logs')).out).toBe(`${work.run}  verify\n`)
  const egress = await run('egress', work.run)
  expect(egress.out).toMatch(/WHEN +STEP +WHAT +GIVES AWAY +BYTES/)
  expect(egress.out).toContain('report finished')
  expect((await run('egress', work.run, '--fields')).out).toMatch(/result\.passed +metadata/)
  const status = JSON.parse((await run('status', '--json')).out) as { runners: unknown[] }
  expect(status.runners).toMatchObject([{ name: 'name of rnr_1', online: true, running: true, slots: 1, work: [] }])
  expect((await run('doctor')).out).toContain(`✓ control plane ${bench.plane.url}`)

  await rm(remote.root, { recursive: true, force: true })

  expect(await run('drain', '--wait')).toMatchObject({ code: 0, out: expect.stringContaining('Drained.') })
  expect(await worker.code).toBe(0)
  expect(await run('unpair')).toMatchObject({ code: 2 })
  expect(await run('unpair', '--yes')).toMatchObject({ code: 0 })
  expect(await run('config', '--json')).toMatchObject({ code: 0, out: expect.stringContaining('"pairings":[]') })
}, 120_000) // many starts of the program

test('F16: an ephemeral worker ends with its one run: how it ended, that it goes on, or that it was lost, by its code', async () => {
  await pairOnce()
  const words = ['worker', 'start', '--mode', 'ephemeral', '--linger', '1s']
  const offer = () =>
    bench.plane.work({
      run: 'run_one',
      bodies: 'stored',
      job: {
        kind: 'checks',
        round: 1,
        commands: ['true'],
        repos: [],
        change: null,
        baseline: false,
        limits: { seconds: 9, tokens: null, usdMicros: null },
      },
    })
  bench.plane.plant('/ack', '409')
  offer()
  expect(await run(...words)).toMatchObject({ code: 4, err: expect.stringContaining('lost') })
  bench.plane.leases.queue.length = 0
  offer()
  expect(await run(...words)).toMatchObject({ code: 10, err: expect.stringContaining('run_one has not ended') })
  expect(bench.plane.left).toEqual(['run_one'])
  for (const [outcome, code] of [
    ['failed', 9],
    ['succeeded', 0],
  ] as const) {
    bench.plane.finish('run_one', outcome)
    offer()
    expect(await run(...words)).toMatchObject({ code })
  }
  expect(bench.plane.left).toEqual(['run_one'])
}, 120_000) // many starts of the program

test('a newer vpd takes over: the one that runs finishes its work first, the newer one does the next', async () => {
  await pairOnce()
  const remote = await testRemote({ 'README.md': 'hello\n' })
  await writeFile(path.join(bench.home, 'r', 'policy.yaml'), `walls: { read: ['${remote.root}'] }\n`)
  const job: Job = {
    kind: 'checks',
    round: 1,
    commands: [`while [ ! -e '${remote.root}/go' ]; do sleep 0.05; done`],
    repos: [],
    change: null,
    baseline: false,
    limits: { seconds: 60, tokens: null, usdMicros: null },
  }
  const older = vpd('worker', 'start')
  const first = bench.plane.work({ job })
  await bench.plane.until(() => older.out().includes(`started ${first.run}`), 30_000)
  const newer = vpd('worker', 'start', '--takeover')
  await bench.plane.until(() => newer.out().includes('was asked to finish'), 30_000)
  const second = bench.plane.work({ job: { ...job, commands: ['true'] } })
  expect(newer.out()).not.toContain('online')
  expect(bench.plane.leases.all).toHaveLength(1) // the older one takes nothing more
  await writeFile(path.join(remote.root, 'go'), '')
  expect(await older.code).toBe(0)
  const held = await bench.plane.until(
    () => bench.plane.leases.all.find((one) => one.work === second && one.state === 'ended'),
    30_000,
  )
  expect(held.failure).toBeNull()
  expect(bench.plane.leases.all.map(({ state }) => state)).toEqual(['ended', 'ended'])
  expect(newer.out()).toContain('online')
  newer.kill('SIGTERM')
  expect(await newer.code).toBe(0)
  await rm(remote.root, { recursive: true, force: true })
}, 120_000)

test('a service is shown, and refused in words where nothing keeps services', async () => {
  expect(await run('service', 'install', '--print')).toMatchObject({ code: process.platform === 'win32' ? 3 : 5 })
  await pairOnce()
  const shown = await run('service', 'install', '--print', '--slots', '3')
  expect(shown).toMatchObject({ code: 0, err: '' })
  expect(shown.out).toContain(bench.plane.url)
  expect(shown.out).toContain(path.join(bench.home, 'r'))
  const { text } = JSON.parse((await run('service', 'install', '--print', '--slots', '3', '--json')).out) as {
    text: string
  }
  expect(text.trimEnd()).toBe(shown.out.trimEnd())
  expect(await run('service', 'install', '--system')).toMatchObject({ code: 2 })
  expect(await run('service', 'install', '--user', 'me')).toMatchObject({ code: 2 })
  expect(await run('service', 'install', '--system', '--user', '../x')).toMatchObject({ code: 2 })
  // Never on a machine that would really start it.
  if (process.platform !== 'linux' || existsSync('/run/systemd/system')) return
  for (const what of ['install', 'uninstall', 'status'])
    expect(await run('service', what)).toMatchObject({
      code: 3,
      err: expect.stringContaining('Neither systemd nor launchd'),
    })
}, 120_000)

test('F33: a removed runner ends with its own code', async () => {
  await pairOnce()
  bench.plane.runners.clear()
  expect(await run('worker', 'start')).toMatchObject({
    code: 7,
    err: expect.stringContaining('removed from the workspace'),
  })
})

test('a signal ends a waiting worker at once', async () => {
  await pairOnce()
  const worker = vpd('worker', 'start', '--json')
  await bench.plane.until(() => worker.out().includes('"online"'), 30_000)
  worker.kill('SIGTERM')
  expect(await worker.code).toBe(0)
  expect(worker.out()).toContain('"event":"ended","how":"stopped"')
})
