/**
 * How can the processes of a step be held on this machine?
 * Tried once, by really making a pid namespace; what cannot be had is said, never assumed.
 */
import { spawn } from 'node:child_process'

/** How a program is put into its own pid namespace: the words before its argv, or null where only a sweep is possible. */
export type Holding =
  | { readonly processes: 'pid-namespace'; readonly argv: readonly string[] }
  | { readonly processes: 'sweep'; readonly argv: readonly [] }

/** `--ipc`: shared memory and queues end with the step. `--kill-child`: when unshare dies, the namespace dies. `--mount-proc`: the step sees only its own processes. */
const asRoot = ['unshare', '--pid', '--ipc', '--fork', '--kill-child', '--mount-proc'] as const
const asUser = [
  'unshare',
  '--user',
  '--map-current-user',
  '--pid',
  '--ipc',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const
const asMappedRoot = [
  'unshare',
  '--user',
  '--map-root-user',
  '--pid',
  '--ipc',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const

let known: Promise<Holding> | null = null

/** The best way to hold processes here. Tried on the first call, remembered for the life of this process. */
export const detectHolding = (): Promise<Holding> => (known ??= tryOut())

const tryOut = async (): Promise<Holding> => {
  if (process.platform !== 'linux') return { processes: 'sweep', argv: [] }
  const isRoot = process.getuid?.() === 0
  for (const way of isRoot ? [asRoot] : [asUser, asMappedRoot]) {
    if (await makesNamespace(way)) return { processes: 'pid-namespace', argv: await withDeathSignal(way) }
  }
  return { processes: 'sweep', argv: [] }
}

/** A shell that is process 1 and sees itself in /proc is proof enough. */
const makesNamespace = async (way: readonly string[]): Promise<boolean> =>
  (await outputOf([...way, 'sh', '-c', 'echo $$; test -r /proc/1/comm && cat /proc/1/comm'])) === '1\nsh\n'

/** Where `setpriv` exists, unshare itself dies with vpd, whatever the step does to the watchdog inside. */
const withDeathSignal = async (way: readonly string[]): Promise<readonly string[]> => {
  const guarded = ['setpriv', '--pdeathsig', 'KILL', ...way]
  return (await makesNamespace(guarded)) ? guarded : way
}

const outputOf = (argv: readonly string[]): Promise<string | null> =>
  new Promise((done) => {
    const [program = '', ...rest] = argv
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      timeout: 3_000,
      killSignal: 'SIGKILL',
    })
    let text = ''
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString('utf8')))
    child.on('error', () => done(null))
    child.on('close', (code) => done(code === 0 ? text : null))
  })
