/**
 * Which walls can be built on this machine?
 * Each is tried by really building it. What cannot be had is said with the system's own words, never assumed.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bareEnvironment, stepMarker } from '../process/environment.ts'
import { detectHolding, type Holding } from '../process/isolation.ts'
import { findProgram } from '../process/find-program.ts'
import { runProgram } from '../process/start-program.ts'
import { collectedText } from '../process/capped-output.ts'
import { bubblewrapWall, type Bubblewrap } from './bubblewrap.ts'
import { userWall } from './other-user.ts'
import { seatbeltWall } from './seatbelt.ts'
import type { Wall } from './wall.ts'

/** What was found, or why it cannot be had. */
export type Found<T> = { readonly found: T } | { readonly why: string }

/** What holds is remembered for the life of vpd; what does not is tried again after a minute: it may have been the machine's bad moment. */
const remembered = <T>(attempt: () => Promise<Found<T>>): (() => Promise<Found<T>>) => {
  let known: Promise<Found<T>> | null = null
  let until = Infinity
  return () => {
    if (known && performance.now() < until) return known
    until = Infinity
    known = attempt()
    void known.then((found) => {
      if ('why' in found) until = performance.now() + 60_000
    })
    return known
  }
}

/** bubblewrap, when a program really ran behind it, saw nothing of this machine's processes and had no network. */
export const detectBubblewrap = (): Promise<Found<Bubblewrap>> => bubblewrap()

const tryBubblewrap = async (): Promise<Found<Bubblewrap>> => {
  if (process.platform !== 'linux') return { why: 'bubblewrap is for Linux' }
  const bwrap = findProgram('bwrap')
  const nsenter = findProgram('nsenter')
  if (!bwrap) return { why: 'bwrap is not installed (package bubblewrap)' }
  if (!nsenter) return { why: 'nsenter is not installed (package util-linux)' }
  let why = ''
  for (const forbidsNamespaces of [true, false]) {
    const made = { bwrap, nsenter, forbidsNamespaces }
    const problem = await problemOf(
      (home) => bubblewrapWall(made, { home, reads: [], borrows: [], doors: [], network: 'none', env: {} }),
      inside,
    )
    if (problem === null) return { found: made }
    why ||= problem
  }
  return { why }
}

/** Seatbelt, when a program really ran behind it on this Mac and it held. */
export const detectSeatbelt = (): Promise<Found<true>> => seatbelt()

const trySeatbelt = async (): Promise<Found<true>> => {
  if (process.platform !== 'darwin') return { why: 'Seatbelt is for macOS' }
  const openings = { reads: [], borrows: [], doors: [], network: 'none', env: {} } as const
  const probe = `touch here && ! touch /private/tmp/vpd-probe.$$ 2>/dev/null && ! cat ../../secret 2>/dev/null && echo holds`
  const why = await problemOf((home) => Promise.resolve(seatbeltWall({ home, ...openings })), probe)
  return why === null ? { found: true } : { why }
}

/** Another user, when vpd is root and a program really ran as one, could write what it was given and not read what it was not. */
export const detectUser = (): Promise<Found<Holding>> => user()

const tryUser = async (): Promise<Found<Holding>> => {
  if (process.platform !== 'linux') return { why: 'steps run as another user on Linux alone' }
  if (process.getuid?.() !== 0) return { why: 'vpd is not root, and cannot become another user' }
  const holding = await detectHolding()
  const why = await problemOf((folder) => userWall(holding, folder), asOther)
  return why === null ? { found: holding } : { why }
}

/** It is another user without rights, its folder is its own, and vpd's file beside it cannot be read. */
const asOther = `test "$(id -u)" -ge 70000 && grep -q '^CapBnd:.*0000000000000000' /proc/self/status && touch here && ! cat ../../secret 2>/dev/null && echo holds`

/** Process 1 there is this sandbox's own, no address but loopback's is there, and nothing can be written but the step's folder. */
const inside = `test "$PPID" = 1 && ! grep -qv 'lo:\\||' /proc/net/dev && touch here && ! touch /usr/vpd-probe 2>/dev/null && ! cat ../../secret 2>/dev/null && echo holds`

/** Builds a wall around a probe that says `holds` when it does. Why it does not, or null. */
const problemOf = async (build: (home: string) => Promise<Wall>, probe: string): Promise<string | null> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'vpd-wall-'))
  const said = collectedText(10_000)
  try {
    const wall = await build(folder)
    try {
      await mkdir(path.join(folder, 'step', 'tmp'), { recursive: true })
      await writeFile(path.join(folder, 'secret'), 'secret', { mode: 0o600 })
      const ended = await runProgram({
        argv: ['/bin/sh', '-c', probe],
        cwd: path.join(folder, 'step', 'tmp'),
        env: bareEnvironment({ HOME: path.join(folder, 'step', 'tmp'), [stepMarker]: path.basename(folder) }),
        input: null,
        wall,
        folder: path.join(folder, 'step'),
        seconds: 20,
        onOutput: (bytes) => said.write(bytes),
      })
      return ended.exit === 0 && said.text().trim() === 'holds'
        ? null
        : `it does not hold here: ${said.text().trim().slice(0, 200) || `exit code ${ended.exit}`}`
    } finally {
      await wall.close()
    }
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^wall_failed: /, '').slice(0, 300)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const [bubblewrap, seatbelt, user] = [remembered(tryBubblewrap), remembered(trySeatbelt), remembered(tryUser)]
