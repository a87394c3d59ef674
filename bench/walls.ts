/**
 * What does a wall cost?
 * The time from the start of a program to its end, and to vpd's word that it ended, without a wall, in a process namespace and in the sandbox; and the time that
 * a step's network and doors take once, which passes while its clone is made.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { against, notMeasured, median, megabytes, ms, type Figure } from './figures.ts'
import { stepEnvironment } from '@viewportai/daemon/src/process/environment.ts'
import { detectHolding } from '@viewportai/daemon/src/process/isolation.ts'
import { runProgram } from '@viewportai/daemon/src/process/start-program.ts'
import { bubblewrapWall } from '@viewportai/daemon/src/walls/bubblewrap.ts'
import { detectBubblewrap } from '@viewportai/daemon/src/walls/detect.ts'
import { heldWall } from '@viewportai/daemon/src/walls/held.ts'
import { makeNetwork } from '@viewportai/daemon/src/walls/network.ts'
import type { Wall } from '@viewportai/daemon/src/walls/wall.ts'
import type { Size } from './size.ts'

export const wallFigures = async ({ walls: { times } }: Size): Promise<Figure[]> => {
  const found = await detectBubblewrap()
  if ('why' in found) return [notMeasured('The same in the sandbox', '<= 60 ms', `bubblewrap: ${found.why}`)]
  const home = await mkdtemp(path.join(tmpdir(), 'vpd-bench-'))
  const folder = path.join(home, 'work', 'one')
  const cwd = path.join(folder, 'tree', 'shop')
  await mkdir(cwd, { recursive: true })
  await mkdir(path.join(folder, 'home'))
  const held = heldWall(await detectHolding())
  const network: number[] = []
  const bare: number[] = []
  const namespace: number[] = []
  const sandbox: number[] = []
  try {
    for (let n = 0; n < times; n++) {
      const began = performance.now()
      const made = await makeNetwork(found.found.bwrap, [49_152])
      network.push(performance.now() - began)
      await made.close()
    }
    const openings = { home, reads: [], borrows: [], doors: [49_152], network: 'none', env: {} } as const
    const wall = await bubblewrapWall(found.found, openings)
    const program = (behind: Wall, argv: string[]) => ({
      argv,
      cwd,
      env: stepEnvironment({ home: path.join(folder, 'home'), tmp: path.join(folder, 'home'), marker: 'bench.walls' }),
      input: null,
      wall: behind,
      folder,
      seconds: 60,
      onOutput: () => {},
    })
    const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
      const began = performance.now()
      await work()
      into.push(performance.now() - began)
    }
    // In turn, so that what else the machine does falls on all alike.
    for (let n = 0; n < times; n++) {
      await timed(bare, () => new Promise((end) => spawn('/bin/true', { stdio: 'ignore', env: {} }).once('exit', end)))
      await timed(namespace, () => runProgram(program(held, ['/bin/true'])))
      await timed(sandbox, () => runProgram(program(wall, ['/bin/true'])))
    }
    const memory = await memoryOf(() => runProgram(program(wall, ['/bin/sleep', '1'])))
    await wall.close()
    const of = (what: string, values: number[], goal: number | null): Figure =>
      against(what, median(values), goal, ms, { note: `median of ${times}` })
    return [
      of('A program that does nothing, started bare', bare, null),
      of('The same in a process namespace', namespace, null),
      against('The same in the sandbox', median(sandbox), 60, ms, {
        instead: { what: 'bare', value: median(bare) },
        note: `median of ${times}`,
      }),
      of('Network and doors of a step, once, while its clone is made', network, null),
      against('Memory of what the sandbox adds while a program runs', memory, 80 * 1_048_576, megabytes, {
        note: 'resident, shared pages counted fully',
      }),
    ]
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** The most resident memory of bwrap processes that begin during the work. */
const memoryOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = new Set(await readdir('/proc'))
  let over = false
  const ended = work().then(() => (over = true))
  let most = 0
  while (!over) {
    let sum = 0
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && !before.has(name))) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      if (status.startsWith('Name:\tbwrap')) sum += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
    }
    most = Math.max(most, sum)
    await new Promise((next) => setTimeout(next, 20))
  }
  await ended
  return most
}
