/**
 * How does a Viewport run on this machine, from the first line to the last?
 * Database, control plane, web app, with --sample the sample and its runner; then it waits for Ctrl-C and ends everything in order.
 */
import type { Terminal } from '../cli/terminal.ts'
import type { Part } from '../ending.ts'
import { version } from '../version.ts'
import { startSample } from '../sample/sample.ts'
import type { KeptRunning } from './child-program.ts'
import { dataFolderFor } from './data-folder.ts'
import { startLocalPlane } from './local-plane.ts'
import { playSample, showSample } from './run-sample.ts'
import { showAddress } from './show-address.ts'
import type { Started, UpOptions } from './started.ts'
import { listenForStop, stopAll } from './stopping.ts'

/** How long the runner may take to end its work before it is killed, in milliseconds. */
const runnerPatience = 4_000

/** Runs until it is told to stop (or, headless, until the sample's run has ended). Gives the exit code; throws with words when it cannot start. `early`: what was begun for it (early-cluster.ts). */
export const up = async (
  options: UpOptions,
  terminal: Terminal,
  { env = process.env, early }: { readonly env?: NodeJS.ProcessEnv; readonly early?: Promise<void> } = {},
): Promise<number> => {
  const since = Date.now()
  const tell = (words: string): void =>
    terminal.note(`${terminal.paint('dim', `${((Date.now() - since) / 1_000).toFixed(1)} s`.padStart(8))}  ${words}`)
  const dataFolder = dataFolderFor(options.data, env.VIEWPORT_DATA_DIR || null)
  terminal.note(`Viewport ${version} starts, with its data in ${dataFolder}`)
  await early
  let runner: KeptRunning | null = null
  let lost: string | null = null
  const { signal, release } = listenForStop(() => runner?.kill())
  const parts: Part[] = []
  try {
    const lose = (words: string): void => {
      lost = words
      process.kill(process.pid, 'SIGTERM') // the same orderly end as any other
    }
    const { plane, place, token } = await startLocalPlane(
      { options, dataFolder, terminal, env, tell, lost: lose },
      parts,
    )
    const started: Started = { plane, place, options, terminal, signal, tell }
    signal.throwIfAborted()
    if (!options.sample) {
      await showAddress(started, '/')
    } else {
      const sample = await startSample({ plane, dataFolder, token, signal, environment: env, tell }, (kept) => {
        runner = kept
        parts.push({ name: "the sample's runner", end: () => kept.stop(runnerPatience) })
      })
      if (options.headless) return await playSample(started, sample, env)
      await showSample(started, sample)
    }
    await stopped(signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await stopAll(parts, (words) => terminal.note(words))
    release()
  }
  if (lost !== null) throw new Error(lost)
  return options.headless ? 130 : 0 // headless, it was stopped before its end
}

/** Resolves when the signal fires. The timer keeps the program alive even when nothing else does. */
const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const alive = setInterval(() => {}, 60_000)
    const end = (): void => {
      clearInterval(alive)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
