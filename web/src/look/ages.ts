/**
 * How is a time said?
 * Relative to a day, then as a date; the exact time on focus. All in milliseconds.
 */
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** "12s", "6m", "3h", then a date: the short age of a list. */
export const shortAge = (at: number, now: number): string => {
  const age = Math.max(0, now - at)
  if (age < minute) return `${Math.floor(age / second)}s`
  if (age < hour) return `${Math.floor(age / minute)}m`
  if (age < day) return `${Math.floor(age / hour)}h`
  return shortDate(at, now)
}

/** "just now", "6 min ago", "3 h ago", then a date. */
export const ago = (at: number, now: number): string => {
  const age = Math.max(0, now - at)
  if (age < 10 * second) return 'just now'
  if (age < minute) return `${Math.floor(age / second)} s ago`
  if (age < hour) return `${Math.floor(age / minute)} min ago`
  if (age < day) return `${Math.floor(age / hour)} h ago`
  return shortDate(at, now)
}

/** "41 min 57 s", "4m 26s" when short. */
export const duration = (millis: number, short = false): string => {
  const total = Math.max(0, Math.round(millis / second))
  if (total === 0 && millis > 0) return 'under 1 s'
  if (total < 60) return `${total} s`
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60]
  if (hours > 0) return short ? `${hours}h ${minutes}m` : `${hours} h ${minutes} min`
  return short
    ? `${minutes}m ${String(seconds).padStart(2, '0')}s`
    : `${minutes} min ${String(seconds).padStart(2, '0')} s`
}

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const clockSecond = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })

/** "14:32", in the reader's zone. */
export const clock = (at: number): string => clockTime.format(at)
/** "14:32:26", in the reader's zone. */
export const clockWithSeconds = (at: number): string => clockSecond.format(at)
/** "12 Nov", with the year when it is another one. */
export const shortDate = (at: number, now: number): string =>
  (new Date(at).getFullYear() === new Date(now).getFullYear() ? dayMonth : dayMonthYear).format(at)
/** "14:32", or "12 Nov 14:32" when it was another day. */
export const moment = (at: number, now: number): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? clock(at) : `${shortDate(at, now)} ${clock(at)}`
/** The exact time with its zone. */
export const exact = (at: number): string => whole.format(at)
