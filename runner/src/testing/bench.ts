/** A paired home with a worker on it, for tests: real files, real sockets, the test's own work. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Job } from '@viewportai/core/wire/job'
import type { Capabilities } from '@viewportai/core/wire/messages'
import { runnerFolder } from '../identity/home.ts'
import { makeKey, type OwnKey } from '../identity/key.ts'
import { keyFileOf, savePairing, type Pairing } from '../identity/pairing.ts'
import { privateFolder } from '../disk/durable.ts'
import { openGround } from '../loop/open-ground.ts'
import { lookWith } from '../look/look.ts'
import { startWorker, type Worker, type WorkerOptions } from '../loop/worker.ts'
import type { WorkerGround } from '../loop/worker-ground.ts'
import { parsePolicy } from '../policy/policy.ts'
import { setupOf } from '../command/capabilities.ts'
import { socketUrl } from '../relay/address.ts'
import type { Port } from '../work/port.ts'
import { startPlane, type Plane } from './plane.ts'
import type { Settings } from './plane-leases.ts'

export const capabilities: Capabilities = {
  vpd: '0.1.0',
  os: 'Linux',
  arch: 'x64',
  host: 'bench',
  agents: [
    { name: 'sample', version: '1.0.0', path: null, usable: true, tested: true, modes: ['plan', 'edit'], note: null },
  ],
  tools: [{ name: 'git', version: '2.39.5' }],
  isolation: { level: 'none', processes: 'sweep', modelGateway: false, gitGateway: false, network: 'open' },
  slots: 1,
  labels: [],
  mode: 'persistent',
  transport: 'polling',
}

export const usage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  usdMicros: null,
  source: 'none',
} as const
/** A job whose check command tells the test's work what to do. */
export const checksJob = (...commands: string[]): Job => ({
  kind: 'checks',
  round: 1,
  commands,
  repos: [],
  change: null,
  baseline: false,
  limits: { seconds: 60, tokens: null, usdMicros: null },
})
/** Ends a piece of work well. */
export const finish = async (port: Port): Promise<void> =>
  port.report({
    type: 'finished',
    result: { kind: 'checks', found: true, passed: true, round: 1, tree: 'a'.repeat(40), commands: [], baseline: null },
    usage,
    log: await port.log.close(),
    session: null,
    millis: 1,
  })
/** Says that the work began. */
export const begin = (port: Port): Promise<void> =>
  port.report({ type: 'started', agent: null, isolation: capabilities.isolation, resumed: false })
/** Resolves when the work is to stop. */
export const stopped = (port: Port): Promise<string> =>
  new Promise((resolve) =>
    port.signal.aborted
      ? resolve(String(port.signal.reason))
      : port.signal.addEventListener('abort', () => resolve(String(port.signal.reason))),
  )

export type Runner = { worker: Worker; ground: WorkerGround; said: string[] }
export type Bench = {
  plane: Plane
  home: string
  /** Pairs a runner with the control plane, without the handshake. */
  pair(runner?: string): Promise<{ pairing: Pairing; key: OwnKey; folder: string }>
  /** Starts a worker of a paired runner. */
  run(
    work: (port: Port) => Promise<void>,
    options?: Partial<WorkerOptions> & { policy?: string; runner?: string },
  ): Promise<Runner>
  end(): Promise<void>
}

/** The loops are tested by every transport: a worker knows no difference. */
export const transport = process.env['VIEWPORT_TEST_TRANSPORT'] === 'relay' ? 'relay' : 'polling'

/** A control plane and an empty home. */
export const openBench = async (settings: Partial<Settings> = {}): Promise<Bench> => {
  const plane = await startPlane(settings)
  const home = await mkdtemp(path.join(os.tmpdir(), 'vpd-bench-'))
  const started: { worker: Worker; close(): void; end(): Promise<void> }[] = []
  const paired = new Map<string, Pairing>()
  const pair: Bench['pair'] = async (runner = 'rnr_bench') => {
    const folder = await privateFolder(runnerFolder(home, runner))
    const key = await makeKey(keyFileOf(home, runner))
    const pairing: Pairing = {
      v: 1,
      server: plane.url,
      runner,
      name: 'bench',
      pool: 'payments',
      workspace: { id: 'ws_1', name: 'Acme Co.' },
      repositories: [],
      serverKeys: [plane.key.public],
      transport,
    }
    await savePairing(home, pairing)
    plane.runners.set(runner, key.public)
    paired.set(runner, pairing)
    return { pairing, key, folder }
  }
  return {
    plane,
    home,
    pair,
    async run(work, { policy: text = '', runner = 'rnr_bench', ...options } = {}) {
      const pairing = paired.get(runner) ?? (await pair(runner)).pairing
      const policy = parsePolicy(text, 'policy.yaml')
      const said: string[] = []
      const { ground, setBeat, close, end } = await openGround({
        home,
        relay: socketUrl(pairing.server, pairing),
        policy,
        pairing,
        setup: setupOf(runnerFolder(home, runner), policy, home),
        work,
        lookAt: lookWith(async () => capabilities, policy),
        sweep: async () => {},
        say: (line) => void said.push(line),
        onTrouble: (why) => void said.push(why ?? 'answers again'),
        onRelay: (why) => void said.push(why === null ? 'relay again' : `polling: ${why}`),
      })
      const worker = startWorker(ground, {
        mode: 'persistent',
        slots: 1,
        capabilities: async () => capabilities,
        setBeat,
        onOnline: () => {},
        close,
        ...options,
      })
      started.push({ worker, close, end })
      return { worker, ground, said }
    },
    async end() {
      for (const { worker, close, end } of started) {
        worker.stop(true)
        close()
        await worker.ended.catch(() => {})
        await end()
      }
      await plane.stop().catch(() => {})
      await rm(home, { recursive: true, force: true })
    },
  }
}
