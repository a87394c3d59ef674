/** How does work come in? One long poll at a time, for as many slots as are free; an answer that is lost is asked for again by the same request id. */
import { randomUUID } from 'node:crypto'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { z } from 'zod'
import type { Failure } from '@viewportai/core/run/facts'
import type { Lease } from '@viewportai/core/wire/messages'
import { Ended } from '../wire/exchange.ts'
import { pause } from '../wire/retry.ts'
import type { Wire } from '../wire/wire.ts'

export type LeaseLoopOptions = {
  wire: Wire
  /** Resolves with the number of free slots when there is at least one. */
  freeSlots(signal: AbortSignal): Promise<number>
  /** Why nothing may be taken now (a full disk), or null. */
  whyNotNow(): Promise<string | null>
  take(lease: Lease): void
  /** Refuses work that cannot be taken at all. */
  refuse(named: { lease: string; epoch: number }, failure: z.infer<typeof Failure>): Promise<void>
  say(line: string): void
  /** The only run whose work is wanted, and for how long at most to wait for it; null: any, for ever. */
  only?(): { run: string; waitSeconds: number } | null
  /** Fires when no more work is to be taken. */
  signal: AbortSignal
}

const waitSeconds = 25

/** Asks for work until the signal fires or there is nothing more to wait for (null) or the control plane refuses (the refusal). */
export const askForWork = async (options: LeaseLoopOptions): Promise<Refusal | null> => {
  const { wire, signal } = options
  let told: string | null = null
  try {
    for (;;) {
      const freeSlots = await options.freeSlots(signal)
      const whyNot = await options.whyNotNow()
      if (whyNot !== null && whyNot !== told) options.say(whyNot)
      told = whyNot
      if (whyNot !== null) {
        await pause(10_000, signal)
        continue
      }
      const only = options.only?.() ?? null
      if (only !== null && only.waitSeconds < 0) return null
      const answer = await wire.lease(
        only === null
          ? { request: randomUUID(), waitSeconds, freeSlots }
          : { request: randomUUID(), waitSeconds: Math.min(waitSeconds, only.waitSeconds), freeSlots, run: only.run },
        { signal },
      )
      if (answer === null) continue
      if (isRefusal(answer)) return answer
      if ('unreadable' in answer) {
        options.say(`refused work that this version of vpd does not understand (${answer.unreadable.why})`)
        await options.refuse(answer.unreadable, notUnderstood(answer.unreadable.why))
      } else options.take(answer)
    }
  } catch (error) {
    if (error instanceof Ended) return null
    throw error
  }
}

const notUnderstood = (why: string): Parameters<LeaseLoopOptions['refuse']>[1] => ({
  code: 'not_understood',
  class: 'runner',
  summary: `This version of vpd does not understand the work: ${why}`.slice(0, 2_000),
  check: 'Update vpd on the runner.',
  retrySafe: true,
  started: false,
})
