/**
 * How is something waited for that somebody else brings about?
 * A look that finds the control plane broken for the moment (its database is away) is a look in vain, not the end of the waiting.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Stop } from '../cli/exit.ts'

export type Waiting = {
  readonly signal: AbortSignal
  readonly millis: number
  readonly words: string
  readonly everyMillis?: number
}

/** Looks until there is a value. Throws when the signal fires, what a look threw that waiting does not mend, and `words` when it takes too long. */
export const until = async <T>(
  look: () => Promise<T | null>,
  { signal, millis, words, everyMillis = 100 }: Waiting,
): Promise<T> => {
  const deadline = performance.now() + millis
  for (;;) {
    signal.throwIfAborted()
    let cause: unknown
    const found = await look().catch((error: unknown) => {
      if (!isPassing(error)) throw error
      cause = error
      return null
    })
    if (found !== null) return found
    if (performance.now() > deadline)
      throw new Error(`${words} (waited ${Math.round(millis / 1_000)} seconds).`, { cause })
    await sleep(everyMillis, undefined, { signal })
  }
}

/** Nothing answered, or a fault of the control plane did: a no is an answer. */
const isPassing = (error: unknown): boolean =>
  error instanceof Stop && (error.kind === 'unreachable' || Number(error.facts['status']) >= 500)
