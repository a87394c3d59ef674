/** How does a piece of work say that it could not be done? As a Failure document, thrown to the one place that reports it. */
import { isRefusal } from '@viewportai/core/refusal'
import type { Failure } from '@viewportai/core/run/facts'
import type { Port } from './port.ts'

/** Work that ended with a failure which people see as a document. */
export class WorkFailed extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(`${failure.code}: ${failure.summary}`, options)
    this.name = 'WorkFailed'
    this.failure = failure
  }
}

/** Makes the error. `started`: had the agent, check or effect begun? `retrySafe`: may the same be done again without harm? */
export const failed = (
  kind: Failure['class'],
  code: string,
  summary: string,
  check: string,
  also: { retrySafe?: boolean; started?: boolean; cause?: unknown } = {},
): WorkFailed =>
  new WorkFailed(
    {
      code,
      class: kind,
      summary: summary.slice(0, 2_000),
      check: check.slice(0, 2_000),
      retrySafe: also.retrySafe ?? true,
      started: also.started ?? false,
    },
    { cause: also.cause },
  )

/** The control plane gave this work to another attempt: nothing more is said about this one. */
export class Superseded extends Error {}

/** Throws WorkFailed `cancelled` when the work was stopped before its programs began. */
export const notStopped = ({ signal }: Pick<Port, 'signal'>): void => {
  if (signal.aborted)
    throw failed(
      'cancelled',
      'cancelled',
      'The step was stopped before it began.',
      'Start a new run if it is still wanted.',
    )
}

/** Resolves when everything reported so far was accepted; rejects with Superseded when it was refused. */
export const acceptedSoFar = (port: Pick<Port, 'settled'>): Promise<void> =>
  port.settled().catch((error: unknown) => {
    throw isRefusal(error) ? new Superseded(error.words) : error
  })

/** The Failure of any thrown thing: a WorkFailed as it is, a refusal in its words, anything else as a fault of the runner. */
export const failureOf = (thrown: unknown, started: boolean): Failure => {
  if (thrown instanceof WorkFailed) return { ...thrown.failure, started: thrown.failure.started || started }
  if (isRefusal(thrown))
    return {
      code: thrown.refusal,
      class: 'policy',
      summary: thrown.words.slice(0, 2_000),
      check: thrown.next.slice(0, 2_000),
      retrySafe: false,
      started,
    }
  const known = knownTrouble(thrown)
  if (known) return { ...known, class: 'runner', retrySafe: true, started }
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    code: 'runner_fault',
    class: 'runner',
    summary: `The runner met something it did not expect: ${words}`.slice(0, 2_000),
    check: 'Look at the log of vpd on the runner, and report this with it.',
    retrySafe: false,
    started,
  }
}

/** Troubles of the machine that have a plain cause. */
const knownTrouble = (thrown: unknown): Pick<Failure, 'code' | 'summary' | 'check'> | null => {
  const text = thrown instanceof Error ? thrown.message : ''
  if (/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i.test(text))
    return {
      code: 'disk_full',
      summary: 'The disk of the runner is full.',
      check: 'Free space on the runner, then try again.',
    }
  if (/spawn git ENOENT/.test(text))
    return {
      code: 'git_missing',
      summary: 'git is not installed on the runner.',
      check: 'Install git 2.38 or newer there; `vpd doctor` shows what is missing.',
    }
  return null
}

/** The state folder of an agent is not the one that vpd made any more. */
export const stateReplaced = (): WorkFailed =>
  failed(
    'agent',
    'state_replaced',
    'The agent replaced the folder that its session is kept in.',
    'Look at what the agent ran; start the step again.',
    { started: true },
  )
