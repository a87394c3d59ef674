/** What is reported when a piece of work ends without having said how? */
import { isRefusal } from '@viewportai/core/refusal'
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Failure } from '@viewportai/core/run/facts'
import type { z } from 'zod'
import type { Lease, Report } from '@viewportai/core/wire/messages'
import { isDiskFull } from '../disk/durable.ts'
import { wordsOf } from '../wire/refused.ts'

type Document = z.infer<typeof Failure>
const nothing = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  usdMicros: null,
  source: 'unavailable',
} as const

/** The report that ends a lease that was cancelled. */
export const cancelledReport = (lease: Lease, error: unknown, log: BodyRef | null, millis: number): Report => {
  if (lease.job.kind === 'effect') return fallbackReport(lease, error, log, millis)
  const failure: Document = {
    code: 'cancelled',
    class: 'cancelled',
    summary: 'The run was cancelled.',
    check: 'Nothing to do.',
    retrySafe: true,
    started: true,
  }
  return { type: 'failed', failure, usage: nothing, log, millis: Math.round(millis) }
}

/** The report that ends a lease whose work threw (`error`), or ended without a word (`error` null). */
export const fallbackReport = (lease: Lease, error: unknown, log: BodyRef | null, millis: number): Report => {
  if (lease.job.kind === 'effect')
    // It may have happened or not: only a look at the target tells. Never a failure, which would invite another try.
    return {
      type: 'effect_unknown',
      intent: lease.job.intent,
      attempt: lease.job.attempt,
      why: shortened(`The runner ended the effect without a result: ${wordsOf(error ?? 'it said nothing')}`),
    }
  return { type: 'failed', failure: failureOf(error, lease), usage: nothing, log, millis: Math.round(millis) }
}

/** The document of a fault. `started`: whether the work had begun. */
export const failureOf = (error: unknown, { run }: Pick<Lease, 'run'>, started = true): Document => {
  const look = `See \`vpd logs ${run}\` on the runner.`
  if (isDiskFull(error))
    return {
      code: 'disk_full',
      class: 'runner',
      summary: 'The disk of the runner is full.',
      check: 'Make room (vpd doctor shows where its files are), then start the step again.',
      retrySafe: true,
      started,
    }
  if (isRefusal(error))
    return {
      code: error.refusal,
      class: 'policy',
      summary: shortened(error.words),
      check: shortened(error.next),
      retrySafe: false,
      started,
    }
  if (error === null || error === undefined)
    return {
      code: 'no_result',
      class: 'runner',
      summary: 'The work ended without a result.',
      check: look,
      retrySafe: false,
      started,
    }
  return {
    code: 'runner_fault',
    class: 'runner',
    summary: shortened(`The runner failed: ${wordsOf(error)}`),
    check: look,
    retrySafe: false,
    started,
  }
}

const shortened = (text: string): string => text.slice(0, 2_000)
