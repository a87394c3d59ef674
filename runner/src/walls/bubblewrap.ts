/**
 * How does a step run behind bubblewrap?
 * Its own view of the files (the system's programs and its own folder), no network but vpd's doors, its own processes, no capabilities, no further user
 * namespaces. bubblewrap is started with an empty environment and gets its words through a descriptor: neither is to be read in /proc, inside or outside.
 */
import type { Isolation } from '@viewportai/core/run/facts'
import { makeNetwork, type StepNetwork } from './network.ts'
import { readsOf, within } from './reads.ts'
import { stepMounts } from './step-mounts.ts'
import { accountFiles, stepUser, systemMounts } from './system-mounts.ts'
import { syscallFilter } from './syscall-filter.ts'
import { wallFailed } from './wall-failed.ts'
import type { Enclosure, Inside, Openings, Wall } from './wall.ts'

/** The programs it is made of, and what this machine's version can do. */
export type Bubblewrap = {
  readonly bwrap: string
  readonly nsenter: string
  /** Can it forbid further user namespaces (0.8 and later)? */
  readonly forbidsNamespaces: boolean
}

/**
 * Process 1 inside: tells vpd that the wall stands, drops what is open, passes the exit code on, reaps orphans, survives TERM so that the program may end
 * well. When it ends, the kernel ends all others first. No core files: they are written by the system, outside.
 */
const init = `echo up >&3
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
ulimit -c 0
trap : TERM INT HUP
"$@"
exit $?`

/** The isolation it gives. */
export const sandboxIsolation = (network: Isolation['network']): Isolation => ({
  level: 'sandbox',
  processes: 'pid-namespace',
  modelGateway: false,
  gitGateway: true,
  network,
})

/** Builds the wall of one step. Throws WorkFailed `wall_failed`. */
export const bubblewrapWall = async (made: Bubblewrap, openings: Openings): Promise<Wall> => {
  const network =
    openings.network === 'open'
      ? null
      : await makeNetwork(made.bwrap, openings.doors).catch((error: unknown) => {
          throw wallFailed(error instanceof Error ? error.message : String(error), error)
        })
  return {
    isolation: sandboxIsolation(openings.network),
    inMemory: '/tmp',
    enclose: async (program) => enclosure(made, openings, network, program),
    close: async () => network?.close(),
  }
}

const enclosure = (
  { bwrap, nsenter, forbidsNamespaces }: Bubblewrap,
  openings: Openings,
  network: StepNetwork | null,
  program: Inside,
): Enclosure => {
  const accounts = Object.entries(accountFiles(program.env['HOME'] ?? '/'))
  const first = network ? 6 : 4
  const filter = syscallFilter()
  const argv = [
    ...wordsOf('--unshare-user --unshare-ipc --unshare-pid --unshare-uts --unshare-cgroup-try'),
    ...wordsOf(`--uid ${stepUser.uid} --gid ${stepUser.gid} --hostname step --cap-drop ALL`),
    ...(forbidsNamespaces ? ['--disable-userns'] : []),
    ...(filter ? ['--seccomp', String(first + 2 + accounts.length)] : []),
    ...wordsOf(`--die-with-parent --new-session --as-pid-1 --info-fd ${first + 1}`),
    ...systemMounts(network === null),
    ...accounts.flatMap(([file], at) => ['--ro-bind-data', String(first + 2 + at), file]),
    // Read-only: what runs as root outside could change settings of the whole system there, without any capability.
    ...wordsOf('--proc /proc --remount-ro /proc --dev /dev --tmpfs /tmp --tmpfs /var/tmp'),
    ...readMounts(openings, program),
    ...stepMounts(program.folder),
    ...wordsOf('--remount-ro / --clearenv --chdir'),
    program.cwd,
    ...Object.entries({ ...openings.env, ...program.env, PWD: program.cwd }).flatMap((one) => ['--setenv', ...one]),
  ]
  const enter = network
    ? [nsenter, '--preserve-credentials', '--user=/proc/self/fd/4', '--net=/proc/self/fd/5', '--']
    : []
  return {
    argv: [...enter, bwrap, '--args', String(first), '--', '/bin/sh', '-c', init, 'vpd-init', ...program.argv],
    cwd: '/',
    env: {},
    open: [
      ...(network ? [network.user, network.network] : []),
      argv.map((word) => `${word}\0`).join(''),
      'says',
      ...accounts.map(([, text]) => text),
      ...(filter ? [filter] : []),
    ],
    held: 'sandbox',
  }
}

/** What is read beside the system: programs, what the step's clones borrow, what the owner named. The runner's home is covered where it lies in one of these. */
const readMounts = (openings: Openings, program: Inside): string[] => {
  const reads = readsOf(openings, program)
  const covered = reads.some((file) => within(openings.home, file))
  return [
    ...bound(reads),
    ...(covered ? ['--tmpfs', openings.home] : []),
    ...bound(openings.borrows.filter((file) => !within(file, program.folder))),
  ]
}

const bound = (files: readonly string[]): string[] =>
  [...new Set(files)].toSorted().flatMap((file) => ['--ro-bind-try', file, file])

/** The words of a line that holds nothing but plain words. */
const wordsOf = (line: string): string[] => line.split(' ')
