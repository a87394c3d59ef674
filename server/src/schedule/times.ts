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
  let found: number | null = null
  // From a week before `until` on, then the whole time: a schedule of every minute over a year is not walked through.
  for (const from of [Math.max(after, until - 604_800_000), after]) {
    for (
      let at = read.nextRun(new Date(from))?.getTime();
      at !== undefined && at <= until;
      at = read.nextRun(new Date(at))?.getTime()
    )
      found = at
    if (found !== null) return found
  }
  return null
}

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
