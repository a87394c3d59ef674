/** What is this worker working on? */
import type { Refusal } from '@viewportai/core/refusal'
import type { Lease } from '@viewportai/core/wire/messages'
import type { LiveLog } from '../evidence/step-log.ts'
import { giveMemoryBack } from '../process/give-memory-back.ts'
import { carryOut, type Assignment, type Outcome } from './assignment.ts'
import type { StopReason } from './give-result.ts'
import type { Slots } from './slots.ts'
import type { WorkerGround } from './worker-ground.ts'

export type WorkStatus = { run: string; step: string; attempt: number; since: number; state: string }
export type InHand = {
  /** `whyNot`: why this worker does not take it, whatever the policy says; people are told. */
  take(lease: Lease, whyNot?: Refusal | null): void
  stop(reason: StopReason, which?: { run: string; lease: string | null }): void
  liveLog(run: string, step: string, attempt: number): LiveLog | null
  held(): { lease: string; epoch: number }[]
  status(): WorkStatus[]
  /** How the last piece of work ended, or null. */
  lastOutcome(): Outcome | null
  /** Resolves when nothing is in hand. */
  empty(): Promise<void>
}

// The next work often comes at once, and must not wait for it.
const restMs = 1_000

/** Nothing in hand yet. `onDrain`: the control plane asks for no more work. */
export const nothingInHand = (ground: WorkerGround, slots: Slots, onDrain: () => void): InHand => {
  const all = new Map<Assignment, Promise<void>>()
  let last: Outcome | null = null
  let stopped: StopReason | null = null
  let resting: NodeJS.Timeout | undefined
  const rest = (): void => {
    clearTimeout(resting)
    resting = setTimeout(() => all.size === 0 && giveMemoryBack(), restMs).unref()
  }
  rest() // what the start took
  return {
    take(lease, whyNot = null) {
      const giveBack = slots.occupy()
      const one = carryOut(ground, lease, onDrain, whyNot)
      if (stopped) one.stop(stopped)
      void one.workOver.then(giveBack)
      const ended = one.outcome
        .then(
          (outcome) => void (last = outcome),
          (error: unknown) =>
            ground.say(
              `a fault in ${lease.run} ${lease.step}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            ),
        )
        .finally(() => {
          all.delete(one)
          rest()
        })
      all.set(one, ended)
    },
    stop(reason, which) {
      if (!which) stopped = reason
      for (const one of all.keys())
        if (!which || (one.lease.run === which.run && (which.lease === null || which.lease === one.lease.lease)))
          one.stop(reason)
    },
    liveLog: (run, step, attempt) =>
      [...all.keys()]
        .find(({ lease }) => lease.run === run && lease.step === step && lease.attempt === attempt)
        ?.log() ?? null,
    held: () => [...all.keys()].map(({ lease: { lease, epoch } }) => ({ lease, epoch })),
    status: () =>
      [...all.keys()].map((one) => ({
        run: one.lease.run,
        step: one.lease.step,
        attempt: one.lease.attempt,
        since: one.since,
        state: one.state(),
      })),
    lastOutcome: () => last,
    async empty() {
      while (all.size) await Promise.all(all.values())
    },
  }
}
