/** How are sweeps run: each at its own pace, never two of one at once unless it says so, on the leading replica only? */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Warn } from '../database/pool.ts'

export type Rounds = {
  /** `beside`: the next round begins although one before is still at work; the sweep sees to it that nothing is done twice. */
  add(name: string, everyMillis: number, sweep: () => Promise<unknown>, beside?: boolean): void
  begin(): void
  /** Begins no more, and waits for what runs, for so long at most: a tool that does not answer keeps no program from its end, and what is stored is whole at any moment. */
  close(patienceMillis?: number): Promise<void>
}

/** `may`: asked before every round. A sweep that throws is told and tried again at its next time. */
export const makeRounds = (may: () => boolean, warn: Warn): Rounds => {
  const sweeps: { name: string; everyMillis: number; sweep: () => Promise<unknown>; beside: boolean }[] = []
  const running = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let going = false

  const round = (one: (typeof sweeps)[number]): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      const work = go(one).finally(() => {
        running.delete(work)
        if (going && !one.beside) round(one)
      })
      running.add(work)
      if (going && one.beside) round(one)
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
    add(name, everyMillis, sweep, beside = false) {
      const one = { name, everyMillis, sweep, beside }
      sweeps.push(one)
      if (going) round(one)
    },
    begin() {
      going = true
      for (const one of sweeps) round(one)
    },
    async close(patienceMillis = 10_000) {
      going = false
      for (const timer of timers) clearTimeout(timer)
      const patience = new AbortController()
      await Promise.race([Promise.all(running), sleep(patienceMillis, null, patience).catch(() => {})])
      patience.abort()
    },
  }
}
