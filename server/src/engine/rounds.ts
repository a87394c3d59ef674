/** How are sweeps run: each at its own pace, never two of one at once, on the leading replica only? */
import type { Warn } from '../database/pool.ts'

export type Rounds = {
  add(name: string, everyMillis: number, sweep: () => Promise<unknown>): void
  begin(): void
  close(): Promise<void>
}

/** `may`: asked before every round. A sweep that throws is told and tried again at its next time. */
export const makeRounds = (may: () => boolean, warn: Warn): Rounds => {
  const sweeps: { name: string; everyMillis: number; sweep: () => Promise<unknown> }[] = []
  const running = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let going = false

  const round = (one: (typeof sweeps)[number]): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      const work = go(one).finally(() => {
        running.delete(work)
        if (going) round(one)
      })
      running.add(work)
    }, one.everyMillis)
    timer.unref()
    timers.add(timer)
  }

  const go = async ({ name, everyMillis, sweep }: (typeof sweeps)[number]): Promise<void> => {
    if (!may()) return
    const from = performance.now()
    try {
      await sweep()
    } catch (error) {
      warn('A sweep failed; it is tried again at its next time.', { sweep: name, error: String(error) })
    }
    const took = Math.round(performance.now() - from)
    if (took > Math.max(5_000, 10 * everyMillis)) warn('A sweep is slow.', { sweep: name, millis: took })
  }

  return {
    add(name, everyMillis, sweep) {
      const one = { name, everyMillis, sweep }
      sweeps.push(one)
      if (going) round(one)
    },
    begin() {
      going = true
      for (const one of sweeps) round(one)
    },
    async close() {
      going = false
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
