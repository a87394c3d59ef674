/**
 * At which moments does a schedule come due?
 * Five fields of crontab(5) in a time zone of the IANA database. What a change of the clock skips comes due once, right after it; what it
 * repeats comes due once.
 */
import { Cron } from 'croner'

/** The first moment after `after` (ms), or null when there is none. Throws for an unknown zone. */
export const nextTime = (cron: string, timezone: string, after: number): number | null =>
  reading(cron, timezone).nextRun(new Date(after))?.getTime() ?? null

/** The latest moment that is after `after` and not after `until` (ms), or null: of all that were missed, the last one counts. */
export const lastTime = (cron: string, timezone: string, after: number, until: number): number | null => {
  const read = reading(cron, timezone)
  const following = (at: number): number => read.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY
  // Halves what is left, so that years of every minute are some forty looks: walked through, a week of them is a second for everybody.
  let [found, low, high] = [null as number | null, after, until]
  while (low < high) {
    const at = following(low + Math.floor((high - low) / 2))
    if (at <= until) [found, low] = [at, at]
    else high = low + Math.floor((high - low) / 2)
  }
  if (found === null) return null
  // Whether an hour comes twice is only seen by whoever walks into it.
  for (let at = following(Math.max(after, found - beforeChange)); at <= until; at = following(at)) found = at
  return found
}

/** Longer than any clock is set back (ms). */
const beforeChange = 3 * 3_600_000

/** Is this a zone that the system knows? */
export const isZone = (timezone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return true
  } catch {
    return false
  }
}

const reading = (cron: string, timezone: string): Cron => new Cron(cron, { timezone, mode: '5-part', paused: true })
