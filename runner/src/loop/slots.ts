/** How much work may this worker have in hand at a time? */
import { Ended } from '../wire/exchange.ts'

export type Slots = {
  readonly count: number
  /** Resolves with how many are free as soon as one is; throws Ended when the signal fires. */
  free(signal: AbortSignal): Promise<number>
  /** Takes one. Call the answer to give it back; a second call does nothing. */
  occupy(): () => void
}

/** Slots for `count` pieces of work. */
export const slotsOf = (count: number): Slots => {
  let taken = 0
  let waiting: (() => void)[] = []
  const free = async (signal: AbortSignal): Promise<number> => {
    if (signal.aborted) throw new Ended('no more work is taken')
    if (taken < count) return count - taken
    await new Promise<void>((resolve, reject) => {
      const end = (): void => reject(new Ended('no more work is taken'))
      signal.addEventListener('abort', end, { once: true })
      waiting.push(() => {
        signal.removeEventListener('abort', end)
        resolve()
      })
    })
    return free(signal)
  }
  return {
    count,
    free,
    occupy() {
      taken++
      let given = false
      return () => {
        if (given) return
        given = true
        taken--
        const all = waiting
        waiting = []
        all.forEach((one) => one())
      }
    },
  }
}
