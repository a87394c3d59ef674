/**
 * A worker as its own process, for tests that kill or stop it.
 * `node worker-process.ts HOME RUNNER`: its work obeys the first command of a checks job: finish | sleep | burn | fill.
 * Prints a line of JSON for what a test wants to know.
 */
import { spawn } from 'node:child_process'
import { setupOf } from '../command/capabilities.ts'
import { socketUrl } from '../relay/address.ts'
import { runnerFolder } from '../identity/home.ts'
import { readPairings } from '../identity/pairing.ts'
import { openGround } from '../loop/open-ground.ts'
import { lookWith } from '../look/look.ts'
import { startWorker } from '../loop/worker.ts'
import { parsePolicy } from '../policy/policy.ts'
import type { Port } from '../work/port.ts'
import { begin, capabilities, finish, stopped } from './bench.ts'

const [home = '', runner = '', policyText = ''] = process.argv.slice(2)
const tell = (what: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(what)}\n`)

const work = async (port: Port): Promise<void> => {
  const what = port.lease.job.kind === 'checks' ? port.lease.job.commands?.[0] : undefined
  await begin(port)
  if (what === 'finish') return finish(port)
  if (what === 'fill') {
    for (let n = 0; n < 64 && !port.signal.aborted; n++) {
      port.log.write(Buffer.alloc(65_536, 'everything goes to the disk\n'))
      await new Promise((next) => setImmediate(next))
    }
    return finish(port)
  }
  // `sleep` waits quietly; `burn` keeps every processor busy.
  const programs =
    what === 'burn' ? Array.from({ length: 8 }, () => ['-e', 'for(;;){}']) : [['-e', 'setTimeout(()=>{}, 600000)']]
  const children = programs.map((argv) => spawn(process.execPath, argv, { stdio: 'ignore' }))
  tell({ working: port.lease.step, children: children.map(({ pid }) => pid) })
  if (what === 'burn')
    setTimeout(() => void finish(port).then(() => children.forEach((child) => child.kill('SIGKILL'))), 6_000)
  const why = await Promise.race([
    stopped(port),
    ...children.map((child) => new Promise<string>((resolve) => child.on('exit', () => resolve('exit')))),
  ])
  children.forEach((child) => child.kill('SIGKILL'))
  tell({ stopped: why })
}

const pairing = (await readPairings(home)).find((one) => one.runner === runner)!
const policy = parsePolicy(policyText, 'policy.yaml')
const { ground, setBeat, close } = await openGround({
  home,
  relay: socketUrl(pairing.server, pairing),
  policy,
  pairing,
  setup: setupOf(runnerFolder(home, runner), policy, home),
  work,
  lookAt: lookWith(async () => capabilities, policy),
  sweep: async () => {},
  say: (said) => tell({ said }),
  onTrouble: (trouble) => tell({ trouble }),
})
const worker = startWorker(ground, {
  mode: 'persistent',
  slots: 1,
  capabilities: async () => capabilities,
  setBeat,
  onOnline: () => tell({ online: true }),
  close,
})
process.on('SIGTERM', () => worker.stop())
tell({ ended: await worker.ended })
