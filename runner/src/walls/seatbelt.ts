/**
 * How does a step run behind Seatbelt on macOS?
 * A profile that denies everything and lets through what bubblewrap would: the system and the agent's installation to read, the step's folders to write, vpd's
 * doors to connect to. There is no process namespace on macOS: processes are swept. The text is tested; on a Mac it is used only when a try there shows
 * that it holds.
 */
import { realpathSync } from 'node:fs'
import type { Isolation } from '@viewportai/core/run/facts'
import { readsOf } from './reads.ts'
import { writableIn } from './step-mounts.ts'
import type { Inside, Openings, Wall } from './wall.ts'

const program = '/usr/bin/sandbox-exec'

/** What every program on a Mac reads. */
const system = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library/Apple',
  '/Library/Developer/CommandLineTools',
  '/opt/homebrew',
  '/private/etc/ssl',
  '/private/etc/services',
  '/private/etc/protocols',
  '/private/etc/localtime',
  '/private/etc/hosts',
  '/private/var/db/timezone',
  '/private/var/select',
  '/dev/null',
  '/dev/zero',
  '/dev/random',
  '/dev/urandom',
  '/dev/fd',
] as const

/** The isolation it gives. */
export const seatbeltIsolation = (network: Isolation['network']): Isolation => ({
  level: 'sandbox',
  processes: 'sweep',
  modelGateway: false,
  gitGateway: true,
  network,
})

/** The profile, in Seatbelt's own language. Paths are real ones: Seatbelt looks at them after links were followed. */
export const seatbeltProfile = (given: {
  readonly reads: readonly string[]
  /** Never seen, wherever it lies; but what comes after it is. */
  readonly never: readonly string[]
  readonly folder: string
  readonly borrows: readonly string[]
  readonly writes: readonly string[]
  readonly doors: readonly number[]
  readonly network: Isolation['network']
}): string =>
  [
    '(version 1)',
    '(deny default)',
    '(allow process-fork process-exec)',
    '(allow signal (target same-sandbox))',
    '(allow process-info* (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow mach-lookup (global-name "com.apple.system.notification_center") (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.system.logger"))',
    '(allow file-read-metadata)',
    '(allow file-read* (literal "/"))',
    ...[...system, ...given.reads].map((one) => `(allow file-read* (subpath ${quoted(one)}))`),
    ...given.never.map((one) => `(deny file-read* (subpath ${quoted(one)}))`),
    ...[given.folder, ...given.borrows].map((one) => `(allow file-read* (subpath ${quoted(one)}))`),
    '(allow file-write-data (literal "/dev/null") (literal "/dev/zero"))',
    // A folder may be written and not replaced: vpd would follow what stands in its place.
    ...given.writes.map(
      (one) => `(allow file-write* (require-all (subpath ${quoted(one)}) (require-not (literal ${quoted(one)}))))`,
    ),
    ...(given.network === 'open'
      ? ['(allow network*)']
      : given.doors.map((port) => `(allow network-outbound (remote ip "localhost:${port}"))`)),
    '',
  ].join('\n')

/** A text in the profile; nothing in a path ends it. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, (found) => `\\${found}`)}"`

/** Builds the wall of one step. */
export const seatbeltWall = (openings: Openings): Wall => ({
  isolation: seatbeltIsolation(openings.network),
  enclose: async (inside: Inside) => ({
    argv: [program, '-p', seatbeltProfile(given(openings, inside)), ...inside.argv],
    cwd: inside.cwd,
    env: { ...openings.env, ...inside.env },
    open: [],
    held: 'sweep',
  }),
  close: async () => {},
})

const given = (openings: Openings, inside: Inside): Parameters<typeof seatbeltProfile>[0] => ({
  reads: readsOf(openings, inside).map(real),
  folder: real(inside.folder),
  borrows: openings.borrows.map(real),
  writes: writableIn(inside.folder).map(real),
  never: [real(openings.home)],
  doors: openings.doors,
  network: openings.network,
})

const real = (file: string): string => {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}
