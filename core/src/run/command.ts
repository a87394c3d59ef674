/**
 * What can be asked of a run?
 * Every command carries the control plane's time `at` (ms) and who asks. Rights that need the outside (teams, roles) are looked up before and passed in.
 */
import type { RunSpec } from './spec.ts'
import type { Actor, Failure, FactOf, Receipt, Through, Via } from './facts.ts'
import type { PullSeen } from './pull-seen.ts'
import type { Report } from '../wire/messages.ts'
import type { Telling } from './told-book.ts'
import type { WallLevel } from './wall-level.ts'

/** How an effect ended. `unknown`: it may have happened; it is looked for next, never done blindly again. */
export type EffectEnd =
  | { is: 'succeeded'; receipt: Receipt; reconciled: boolean }
  | { is: 'failed'; failure: Failure }
  | { is: 'unknown'; why: string }

/** A person as known at decision time: all principals they hold, by id (`user:ID`, `team:SLUG`, `role:admin`). */
export type Decider = {
  id: string
  name: string
  principals: string[]
  ownsRunner: boolean
  /** Known by a token alone, not by a sign-in of their own; `exposed`: it lies where an agent without a wall may read it. */
  token?: 'token' | 'exposed'
}

export type Command =
  | {
      do: 'start'
      at: number
      by: Actor
      run: string
      number: number
      spec: RunSpec
      delivery: string | null
      tainted: boolean
      /** A breaker tripped: it starts held, and a person is asked. */
      held?: FactOf<'run.held'>
    }
  /** A report of the runner that holds the lease of this step (or intent) attempt. The lease row was checked before; the state is checked here. */
  | {
      do: 'report'
      at: number
      by: Actor
      step: string
      attempt: number
      epoch: number
      report: Report
      /** The wall that the runner spoke of when it came online; null: it is not known. */
      hello?: WallLevel | null
      /** Why an effect that is reported as begun may not be done now, although it is due; null: it may. */
      hindered?: Failure | null
    }
  /** The lease of a begun attempt ended without its runner. */
  | { do: 'lose'; at: number; step: string; attempt: number; epoch: number; runner: string; why: string }
  /** The local policy of a runner, or the match of capabilities, said no before anything started. */
  | { do: 'refuseWork'; at: number; by: Actor; step: string; attempt: number; epoch: number; failure: Failure }
  | {
      do: 'decide'
      at: number
      gate: string
      verdict: FactOf<'decision.made'>['verdict']
      digest: string
      person: Decider
      via: Via
      comment: string | null
      lines: FactOf<'decision.made'>['lines']
      answer: FactOf<'decision.made'>['answer']
    }
  | { do: 'withdraw'; at: number; gate: string; person: Decider; via: Via }
  | { do: 'expire'; at: number; gate: string }
  | { do: 'remind'; at: number; gate: string }
  | { do: 'cancel'; at: number; by: Actor; reason: string }
  /** The server-side timer of a cancel: the runner did not answer. */
  | { do: 'cancelNow'; at: number }
  | { do: 'move'; at: number; by: Actor; to: string | null }
  | { do: 'merge'; at: number; change: string; digest: string; person: Decider; via: Via }
  | { do: 'abandon'; at: number; change: string; by: Actor; why: string }
  /**
   * A look at the pull request of the run. `deciders`: the persons that its accounts are mapped to, as they are known now. `toldBy`: the runner
   * that looked, where the control plane has no credential to look itself; then it is a runner's word, and not the forge's.
   */
  | { do: 'hear'; at: number; seen: PullSeen; deciders: Decider[]; toldBy?: { id: string; name: string } }
  /** CI told by its own token how a job ended at this commit of the branch that the run writes. */
  | { do: 'tellCheck'; at: number; told: Telling }
  /** A person asks for changes to a change that stands open in Viewport. */
  | {
      do: 'review'
      at: number
      change: string
      digest: string
      person: Decider
      comment: string | null
      lines: FactOf<'decision.made'>['lines']
    }
  /** The control plane's own broker carries an effect out: it begins, and it ended in one of three ways. */
  | { do: 'beginEffect'; at: number; intent: string; attempt: number; through?: Through | null }
  | { do: 'endEffect'; at: number; intent: string; attempt: number; end: EffectEnd }
  /** A person closes an effect of a run that has ended, where no gate can ask any more. */
  | {
      do: 'settleEffect'
      at: number
      intent: string
      attempt: number
      how: FactOf<'effect.settled'>['how']
      text: string
      person: Decider
    }
  /** Keep a refusal as evidence. */
  | {
      do: 'recordRefusal'
      at: number
      by: Actor
      code: string
      words: string
      step: string | null
      about: Record<string, unknown>
    }
