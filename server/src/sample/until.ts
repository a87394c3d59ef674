/** How is something waited for that somebody else brings about? */
import { setTimeout as sleep } from 'node:timers/promises'

export type Waiting = {
  readonly signal: AbortSignal
  readonly millis: number
  readonly words: string
  readonly everyMillis?: number
}

/** Looks until there is a value. Throws when the signal fires, and with `words` when it takes too long. */
export const until = async <T>(
  look: () => Promise<T | null>,
  { signal, millis, words, everyMillis = 100 }: Waiting,
): Promise<T> => {
  const deadline = Date.now() + millis
  for (;;) {
    signal.throwIfAborted()
    const found = await look()
    if (found !== null) return found
    if (Date.now() > deadline) throw new Error(`${words} (waited ${Math.round(millis / 1_000)} seconds).`)
    await sleep(everyMillis, undefined, { signal })
  }
}
