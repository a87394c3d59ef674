/** Does this machine have what vpd itself needs: programs, room, and limits that let a step run? */
import { execFile } from 'node:child_process'
import { mkdir, readFile, statfs } from 'node:fs/promises'
import path from 'node:path'
import { size } from '../command/print.ts'
import { bad, good, known, type Finding } from './finding.ts'
import { installCommand } from './install.ts'

/** Versions below these lack what vpd uses. */
const oldestGit = [2, 31] as const
const oldestNode = [20, 19] as const

const isAtLeast = ([major, minor]: readonly number[], [a, b]: readonly [number, number]): boolean =>
  (major ?? 0) > a || (major === a && (minor ?? 0) >= b)

export const nodeFinding = (version = process.versions.node): Finding =>
  isAtLeast(version.split('.').map(Number), oldestNode)
    ? good('node', version)
    : bad('node', `${version} is too old`, `Install Node ${oldestNode.join('.')} or later and start vpd with it.`)

/** `program`: where to look, for tests. */
export const gitFinding = async (release: string, program = 'git'): Promise<Finding> => {
  const said = await new Promise<string | null>((resolve) => {
    execFile(program, ['--version'], { timeout: 10_000, env: { PATH: process.env['PATH'] ?? '' } }, (error, stdout) =>
      resolve(error ? null : stdout.trim()),
    )
  })
  const fix = `Run \`${installCommand('git', release)}\`.`
  if (said === null) return bad('git', 'not found on PATH', fix)
  const version = /(\d+)\.(\d+)/.exec(said)
  return version && isAtLeast([Number(version[1]), Number(version[2])], oldestGit)
    ? good('git', said)
    : bad('git', `${said} is too old: ${oldestGit.join('.')} or later is needed`, fix)
}

/** Room below the home. Work is refused below `freeMegabytes` of the policy. */
export const diskFinding = async (home: string, freeMegabytes: number): Promise<Finding> => {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(home)
  const free = bavail * bsize
  const words = `${size(free)} free below ${home}`
  if (free < freeMegabytes * 1024 * 1024)
    return bad(
      'disk',
      `${words}; no work is taken below ${freeMegabytes} MB`,
      'Make room, lower evidence.keep_days in the policy, or name another folder with --home.',
    )
  return free < 2 * 1024 ** 3 ? known('disk', `${words}: little for repositories and builds`) : good('disk', words)
}

type Limit = { what: string; value: number; least: number; fix: string }

/** What the system lets vpd and the steps it starts use. Only what is too little is told. `root`: where /proc and /sys are, for tests. */
export const limitFindings = async (root = '/'): Promise<Finding[]> => {
  const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8').catch(() => '')
  const proc = await read('proc/self/limits')
  const soft = (name: string): number => {
    const said = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(proc)?.[1]
    return said === undefined || said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said)
  }
  const group = /^0::(\/.*)$/m.exec(await read('proc/self/cgroup'))?.[1]
  const ofGroup = async (name: string): Promise<number> => {
    if (group === undefined) return Number.POSITIVE_INFINITY
    // In a container the group is the root of what is mounted.
    const said = (await read(path.join('sys/fs/cgroup', group, name))) || (await read(path.join('sys/fs/cgroup', name)))
    return /^\d+\s*$/.test(said) ? Number(said) : Number.POSITIVE_INFINITY
  }
  const all: Limit[] = [
    {
      what: 'open files',
      value: soft('Max open files'),
      least: 1_024,
      fix: 'Raise it: `ulimit -n 4096`, or LimitNOFILE= of the service.',
    },
    {
      what: 'processes',
      value: Math.min(soft('Max processes'), await ofGroup('pids.max')),
      least: 512,
      fix: 'Raise it: `ulimit -u 4096`, TasksMax= of the service, or --pids-limit of the container.',
    },
    {
      what: 'memory',
      value: await ofGroup('memory.max'),
      least: 1024 ** 3,
      fix: 'Raise it: MemoryMax= of the service, or --memory of the container. An agent and a build need a gigabyte and more.',
    },
  ]
  const little = all.filter(({ value, least }) => value < least)
  if (little.length === 0) return [good('limits', 'open files, processes and memory are enough')]
  return little.map(({ what, value, least, fix }) => {
    const say = (n: number): string => (what === 'memory' ? size(n) : String(n))
    return bad('limits', `${what}: ${say(value)}; work may fail below ${say(least)}`, fix)
  })
}
