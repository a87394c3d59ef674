/** What can this machine do for a step: which agents and tools are here, in which versions, and how processes are held? */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Capabilities, DetectedAgent } from '@viewportai/core/wire/messages'
import { bareEnvironment } from '../process/environment.ts'
import { findProgram } from '../process/find-program.ts'
import { detectHolding } from '../process/isolation.ts'
import { heldWall } from '../walls/held.ts'
import type { Wall } from '../walls/wall.ts'
import { runProgram } from '../process/start-program.ts'
import { collectedText } from '../process/capped-output.ts'
import type { Setup } from '../work/port.ts'
import { driversOf } from './drivers.ts'

/** Programs that tell their version, and how. */
const tools: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['git', 'git', '--version'],
  ['node', 'node', '--version'],
  ['npm', 'npm', '--version'],
  ['pnpm', 'pnpm', '--version'],
  ['yarn', 'yarn', '--version'],
  ['python', 'python3', '--version'],
  ['go', 'go', 'version'],
  ['cargo', 'cargo', '--version'],
  ['make', 'make', '--version'],
  ['java', 'java', '-version'],
  ['php', 'php', '--version'],
  ['docker', 'docker', '--version'],
]

/** Agents people know that this version of vpd has no driver for: found, listed, not used. */
const known: readonly (readonly [name: string, program: string])[] = [
  ['claude-code', 'claude'],
  ['codex', 'codex'],
]

/** Agents, tools and isolation of this machine. Each program is started with an allow-listed environment, an empty HOME and 3 seconds. */
export const detectCapabilities = async (
  setup: Setup,
): Promise<Pick<Capabilities, 'agents' | 'tools' | 'isolation'>> => {
  const wall = heldWall(await detectHolding())
  const folder = await mkdtemp(path.join(tmpdir(), 'vpd-detect-'))
  try {
    const ask = (program: string, args: readonly string[]): Promise<Answer> => askVersion(program, args, folder, wall)
    const [mine, others, found] = await Promise.all([
      Promise.all(driversOf(setup).map((driver) => driver.detect())),
      Promise.all(known.map(([name, program]) => detectKnown(name, program, ask))),
      Promise.all(tools.map(async ([name, program, ...args]) => ({ name, answer: await ask(program, args) }))),
    ])
    return {
      agents: [
        ...mine,
        ...others.filter((agent) => agent !== null && !mine.some((one) => one.name === agent.name)),
      ].filter((agent) => agent !== null),
      tools: found
        .filter(({ answer }) => answer.path !== null)
        .map(({ name, answer }) => ({ name, version: answer.version })),
      isolation: wall.isolation,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Answer = { readonly path: string | null; readonly version: string | null }

const detectKnown = async (
  name: string,
  program: string,
  ask: (program: string, args: readonly string[]) => Promise<Answer>,
): Promise<DetectedAgent | null> => {
  const found = await ask(program, ['--version'])
  if (found.path === null) return null
  return {
    name,
    version: found.version,
    path: found.path.slice(0, 500),
    usable: false,
    tested: false,
    modes: [],
    note: 'found, not used: this version of vpd has no driver for it',
  }
}

const askVersion = async (name: string, args: readonly string[], folder: string, wall: Wall): Promise<Answer> => {
  const program = findProgram(name)
  if (!program) return { path: null, version: null }
  const said = collectedText(10_000)
  try {
    const marker = path.basename(folder)
    const env = bareEnvironment({
      HOME: folder,
      TMPDIR: folder,
      NO_COLOR: '1',
      CI: 'true',
      VPD_STEP: `${marker}.${name}`,
    })
    const ended = await runProgram({
      argv: [program, ...args],
      cwd: folder,
      env,
      input: null,
      wall,
      folder: path.join(folder, name),
      seconds: 3,
      graceMillis: 200,
      onOutput: (bytes) => said.write(bytes),
    })
    const version = /\d+\.\d+(?:\.\d+)*(?:[-+][\w.]+)?/.exec(said.text())?.[0] ?? null
    return { path: program, version: ended.why === 'exit' && ended.exit === 0 ? (version?.slice(0, 80) ?? null) : null }
  } catch {
    return { path: program, version: null } // it is there and cannot be started; the doctor looks closer
  }
}
