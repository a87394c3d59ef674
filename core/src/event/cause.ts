/**
 * Which run set off an event, by what its sender carried back?
 * A run's webhook says which run it is of and how many runs woke each other before. A program that answers it with a delivery or a start of its own carries
 * that on, so that runs which wake each other through it are counted. It gives no right: it can only stop a circle.
 */
import { z } from 'zod'

/** How deep a chain is counted: whoever says more has said enough. */
const deepest = 1_000

/** `depth`: how many runs woke each other up to this one and with it, as far as was carried on. */
export const Cause = z.strictObject({
  run: z.string().regex(/^run_[0-9a-z]{1,60}$/),
  depth: z.int().min(1).max(deepest),
})
export type Cause = z.infer<typeof Cause>

/** The header of a run's webhook, and of what answers it. */
export const causeHeader = 'viewport-cause'

/** `run_…; depth=2`. */
export const causeText = ({ run, depth }: Cause): string => `${run}; depth=${depth}`

/** That form, of somebody who means it. */
export const CauseText = z
  .string()
  .max(100)
  .refine(
    (text) => causeOf(text) !== null,
    'is not the header viewport-cause as a webhook of a run carries it: run_…; depth=1',
  )

/** The cause that a text in that form names, or null. */
export const causeOf = (text: string | null | undefined): Cause | null => {
  const read = /^(run_[0-9a-z]{1,60})(?:\s*;\s*depth=(\d{1,9}))?$/.exec((text ?? '').trim())
  return read ? { run: read[1]!, depth: bounded(Number(read[2] ?? 1)) } : null
}

/** The cause in the body of a delivery: `cause`, as a run's webhook has it; or its `data.run`, where a body was passed on as it came. */
export const causeIn = (body: Readonly<Record<string, unknown>>): Cause | null => {
  const { cause, data } = body
  if (typeof cause === 'string') return causeOf(cause)
  const named = objectIn(cause)
  if (typeof named['run'] === 'string') {
    const depth = named['depth']
    const read = causeOf(named['run'])
    return read && { run: read.run, depth: bounded(typeof depth === 'number' ? depth : 1) }
  }
  const passed = objectIn(data)['run']
  return typeof passed === 'string' ? causeOf(passed) : null
}

/** The cause that a webhook of this run carries. `before`: of the event that started it. */
export const nextCause = (run: string, before: Cause | undefined): Cause => ({
  run,
  depth: bounded((before?.depth ?? 0) + 1),
})

const bounded = (depth: number): number =>
  Math.min(deepest, Math.max(1, Number.isFinite(depth) ? Math.floor(depth) : 1))
const objectIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
