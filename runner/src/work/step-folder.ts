/**
 * Where does one attempt work, and how does it vanish?
 * One folder per attempt below `work/`, named after the lease; the same name is the run marker of its processes. Nothing in it outlives the attempt.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Lease } from '@viewportai/core/wire/messages'
import { detectHolding } from '../process/isolation.ts'
import { sweep } from '../process/sweep.ts'
import { stepEnvironment } from '../process/environment.ts'
import type { Setup } from './port.ts'

export type StepFolder = {
  readonly dir: string
  readonly marker: string
  readonly home: string
  readonly tmp: string
  readonly scratch: string
  env(extra?: Readonly<Record<string, string>>): Record<string, string>
  remove(): Promise<void>
}

export type Attempt = Pick<Lease, 'run' | 'step' | 'attempt' | 'epoch'>

const workFolder = (setup: Pick<Setup, 'home'>): string => path.join(setup.home, 'work')

/** The marker of an attempt. It names the runner's home too: two runners on one machine never sweep each other. */
export const markerOf = (setup: Pick<Setup, 'home'>, { run, step, attempt, epoch }: Attempt): string => {
  const home = createHash('sha256').update(path.resolve(setup.home)).digest('hex').slice(0, 8)
  const safe = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 60)
  return `${home}.${safe(run)}.${safe(step)}.${attempt}.${epoch}`
}

/** Makes the folder of an attempt; what a killed vpd left of the same attempt goes first. */
export const makeStepFolder = async (setup: Setup, attempt: Attempt): Promise<StepFolder> => {
  const marker = markerOf(setup, attempt)
  const dir = path.join(workFolder(setup), marker)
  if (existsSync(dir)) await removeFolder(dir, marker)
  const [home, tmp, scratch] = ['home', 'tmp', 'scratch'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [home, tmp, scratch]) await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    dir,
    marker,
    home,
    tmp,
    scratch,
    env: (extra = {}) => stepEnvironment({ home, tmp, marker }, setup.passEnvironment, extra),
    remove: () => removeFolder(dir, marker),
  }
}

/** Ends what is left of an attempt's processes and removes its folder. Safe to call for one that never was. */
export const endAttempt = (setup: Setup, attempt: Attempt): Promise<void> => {
  const marker = markerOf(setup, attempt)
  return removeFolder(path.join(workFolder(setup), marker), marker)
}

/** Processes first: one that still writes would fill the folder again. Without a namespace whatever works in the folder counts as the step's. */
export const removeFolder = async (dir: string, marker: string): Promise<void> => {
  const { processes } = await detectHolding()
  await sweep({ marker, group: null, folder: processes === 'sweep' ? dir : null })
  await rm(dir, { recursive: true, force: true, maxRetries: 3 })
}
