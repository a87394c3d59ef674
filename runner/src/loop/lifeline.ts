/**
 * Is the lease still ours? One beat loop per lease, apart from the work.
 * Time is counted from when the beat that succeeded was *sent*, by a clock that never jumps. When it runs out the lease is fenced: no effect
 * begins any more; the work is given up at once (`stop`) or after a while without an answer (`hold`).
 */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { Ended } from '../wire/exchange.ts'
import { Refused, wordsOf } from '../wire/refused.ts'
import { pause } from '../wire/retry.ts'
import type { Wire } from '../wire/wire.ts'

export type Lifeline = {
  /** Resolves when no effect could overlap with another runner's: time is left. Rejects when the lease is lost. */
  alive(): Promise<void>
  fenced(): boolean
  /** Why the lease was lost, or null. */
  lost(): string | null
  stop(): void
}
export type LifelineEvents = {
  lost(why: string, refusal: Refusal | null): void
  cancel(reason: string): void
  drain(): void
  /** What the next beat says. */
  says(): Promise<{ now: string | null; logBytes: number }>
}
export type LifelineOptions = {
  wire: Wire
  lease: string
  epoch: number
  everyMs: number
  ttlMs: number
  partition: { mode: 'hold' | 'stop'; holdMs: number }
  events: LifelineEvents
}

/** Sends the first beat and goes on beating. Resolves with the lifeline once the first beat succeeded, or with the refusal of it. */
export const takeLifeline = async (options: LifelineOptions): Promise<Lifeline | Refusal> => {
  const { wire, lease, epoch, events } = options
  const ending = new AbortController()
  let ttlMs = options.ttlMs
  let deadline = performance.now() + ttlMs
  let fenced = false
  let begun = false // before the first beat there is no work to hold
  let lost: string | null = null
  let watch: NodeJS.Timeout | undefined
  let waiting: { resolve(): void; reject(error: Error): void }[] = []

  const beat = async (): Promise<Refusal | null> => {
    const { now, logBytes } = await events.says()
    // A try must fail soon enough for the next one to come before the lease ends.
    const timeoutMs = Math.max(500, Math.min(15_000, ttlMs / 5))
    const answer = await wire.beat(
      lease,
      { epoch, usage: null, now, logBytes },
      { signal: ending.signal, timeoutMs, maxPauseMs: Math.max(100, Math.min(3_000, ttlMs / 8)) },
    )
    if (isRefusal(answer)) return answer
    ttlMs = answer.answer.ttlSeconds * 1_000
    deadline = answer.sentAt + ttlMs
    fenced = false
    guard()
    if (timeIsLeft()) wake((one) => one.resolve())
    if (answer.answer.cancel !== null) events.cancel(answer.answer.cancel)
    if (answer.answer.drain) events.drain()
    return null
  }
  const timeIsLeft = (): boolean => !fenced && deadline - performance.now() > ttlMs / 4
  const wake = (how: (one: (typeof waiting)[number]) => void): void => {
    const all = waiting
    waiting = []
    all.forEach(how)
  }
  const lose = (why: string, refusal: Refusal | null): void => {
    if (lost !== null || ending.signal.aborted) return
    lost = why
    fenced = true
    clearTimeout(watch)
    ending.abort()
    wake((one) => one.reject(refusal ? new Refused(refusal) : new Error(why)))
    if (begun) events.lost(why, refusal)
  }
  const guard = (): void => {
    clearTimeout(watch)
    const until = fenced ? deadline + options.partition.holdMs : deadline
    watch = setTimeout(
      () => {
        if (performance.now() < until) return guard()
        if (!fenced && begun && options.partition.mode === 'hold') {
          fenced = true
          guard()
        } else
          lose(
            `the control plane did not answer${fenced ? '' : ' before the lease ended'}${wire.trouble() ? ` (${wire.trouble()?.why})` : ''}`,
            null,
          )
      },
      Math.max(1, until - performance.now()),
    )
  }
  const loop = async (): Promise<void> => {
    for (;;) {
      await pause(Math.min(options.everyMs, ttlMs / 3), ending.signal)
      const refusal = await beat()
      if (refusal) return lose(wordsOf(refusal), refusal)
    }
  }

  guard()
  const refusal = await beat().catch((error: unknown) => {
    if (error instanceof Ended && lost !== null) return refuse('lease_gone')
    throw error
  })
  if (refusal) {
    ending.abort()
    clearTimeout(watch)
    return refusal
  }
  begun = true
  void loop().catch((error: unknown) => {
    if (!(error instanceof Ended)) lose(wordsOf(error), null)
  })
  return {
    alive: () =>
      lost !== null
        ? Promise.reject(new Error(lost))
        : timeIsLeft()
          ? Promise.resolve()
          : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    fenced: () => fenced,
    lost: () => lost,
    stop() {
      ending.abort()
      clearTimeout(watch)
      wake((one) => one.reject(new Ended('the lease has ended')))
    },
  }
}
