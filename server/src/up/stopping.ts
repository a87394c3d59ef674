/**
 * What happens on Ctrl-C?
 * The first signal asks for an orderly end. One Ctrl-C may arrive twice (from the terminal and from npm), so another signal counts
 * only after three seconds; then everything is ended hard.
 */
import { endInReverse, partPatience, type Part } from '../ending.ts'

const deafMillis = 3_000
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type Stopping = {
  /** Aborts at the first signal; the reason is the signal's name. */
  readonly signal: AbortSignal
  /** Stops listening to signals. */
  release(): void
}

/** Listens for signals. `hard`: ends what can still be ended at once; then the process exits with 130. */
export const listenForStop = (hard: () => void, now: () => number = Date.now): Stopping => {
  const asked = new AbortController()
  let first = 0
  const hear = (name: NodeJS.Signals): void => {
    if (!asked.signal.aborted) {
      first = now()
      asked.abort(name)
      return
    }
    if (now() - first < deafMillis) return
    hard()
    process.exit(130)
  }
  for (const name of signals) process.on(name, hear)
  return {
    signal: asked.signal,
    release() {
      for (const name of signals) process.off(name, hear)
    },
  }
}

/** How long what was left behind may still hold the process, in milliseconds. */
const holdMillis = 1_000

/** Ends every part, the latest first, and says so. When one did not end as it should, the process exits with 1 soon after the others have, whatever still holds it. */
export const stopAll = async (
  parts: readonly Part[],
  say: (words: string) => void,
  patienceMillis = partPatience,
): Promise<void> => {
  if (parts.length === 0) return
  say('\nStopping ...')
  const told = await endInReverse(parts, say, patienceMillis)
  say('Stopped. Everything is kept; the next start goes on from here.')
  if (told.length > 0) setTimeout(() => process.exit(1), holdMillis)
}
