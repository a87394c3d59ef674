/**
 * To which run does an ephemeral worker keep, and when is it over?
 * The first work it takes decides. It waits for the run's next work so long as nobody has to be waited for longer than was said, and gives the run
 * back when it goes before the run has ended. Bodies must be stored: what this machine keeps is gone with it.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Lease } from '@viewportai/core/wire/messages'
import type { Outcome } from './assignment.ts'
import type { WorkerGround } from './worker-ground.ts'

/** How the one run stood when the worker ended. `outcome`: of the run; null: it goes on without this worker. */
export type RunEnd = { readonly run: string; readonly outcome: string | null }

export type OneRun = {
  /** Why this work is not taken, or null. */
  whyNot(lease: Lease): Refusal | null
  took(lease: Lease): void
  /** After each piece of work. True: nothing more is asked for. */
  ended(outcome: Outcome | null): boolean
  /** Which run may be asked for, and for how many seconds; null before the first work. Negative: long enough. */
  only(): { run: string; waitSeconds: number } | null
  /** The control plane said that no more work comes. True: that is an end, and no refusal. */
  over(refusal: Refusal): boolean
  end(): RunEnd | null
  /** Gives a run back that goes on. Never throws: whoever is left behind is found by its silence. */
  leave(): Promise<void>
}

const leaveMs = 5_000

/** `lingerMs`: how long to wait for the next work of the run. */
export const oneRun = (ground: Pick<WorkerGround, 'wire' | 'say'>, lingerMs: number): OneRun => {
  let run: string | null = null
  let outcome: string | null = null
  let begun = false // it was never ours where nothing was begun
  let until: number | null = null // counted from the end of the last piece of work
  return {
    whyNot({ bodies }) {
      return bodies === 'stored'
        ? null
        : refuse('runner_refused', {
            what: 'a run whose bodies stay on the runner',
            rule: 'it is ephemeral and keeps nothing; `viewport workspace change --bodies stored` keeps them on the control plane, for runs that start afterwards',
          })
    },
    took(lease) {
      run = lease.run
      until = null
    },
    ended(last) {
      until ??= performance.now() + lingerMs
      begun ||= last !== null && last !== 'offer-lost' && last !== 'refused'
      return last === null ? false : last !== 'done'
    },
    only: () => (run === null ? null : { run, waitSeconds: Math.floor(((until ?? 0) - performance.now()) / 1_000) }),
    over(refusal) {
      if (run === null || (refusal.refusal !== 'run_finished' && refusal.refusal !== 'lease_gone')) return false
      outcome = refusal.refusal === 'run_finished' ? String(refusal.facts['outcome']) : 'moved'
      return true
    },
    end: () => (run === null ? null : { run, outcome }),
    async leave() {
      if (run === null || outcome !== null || !begun) return
      ground.say(`leaving ${run}: another runner may take it`)
      await ground.wire
        .lease(
          { request: 'leave', waitSeconds: 0, freeSlots: 1, run, leave: true },
          { signal: AbortSignal.timeout(leaveMs) },
        )
        .catch(() => {})
    },
  }
}
