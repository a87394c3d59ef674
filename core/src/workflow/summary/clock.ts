/**
 * When does a schedule come due, in words?
 * The usual forms (a time of day, on all days or on some weekdays) are said; any other stays as it is written. It never reads a clock.
 */

const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** "Monday to Friday at 06:30", or null when the five fields say something less usual. */
export const cronWords = (cron: string): string | null => {
  const [minute = '', hour = '', day, month, weekdays = ''] = cron.trim().split(/\s+/)
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}$/.test(hour) || day !== '*' || month !== '*') return null
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (weekdays === '*') return `every day ${at}`
  const said = weekdays.split(',').map((part) => {
    const ends = part.split('-').map(weekday)
    return ends.length <= 2 && ends.every((one) => one !== null) ? ends.join(' to ') : null
  })
  return said.includes(null) ? null : `${said.join(', ').replace(/, ([^,]*)$/, ' and $1')} ${at}`
}

const weekday = (text: string): string | null =>
  /^[0-7]$/.test(text)
    ? names[Number(text)]!
    : (names.find((name) => name.slice(0, 3).toLowerCase() === text.toLowerCase()) ?? null)
