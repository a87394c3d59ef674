/**
 * Are these five fields a schedule?
 * Minute, hour, day of month, month, weekday, as in crontab(5). Form only: it never computes a time.
 */
const fields = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'weekday', least: 0, most: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const

/** Why a text is no schedule, or null when it is one. */
export const cronRefusal = (text: string): string | null => {
  const written = text.trim().split(/\s+/)
  if (written.length !== 5)
    return `it has ${written.length === 1 && written[0] === '' ? 0 : written.length} fields; five are needed: minute hour day month weekday`
  for (const [i, field] of fields.entries()) {
    const wrong = written[i]!.split(',').find((part) => !partFits(part, field))
    if (wrong !== undefined) return `\`${wrong}\` is no ${field.name} (${field.least} to ${field.most}, *, a-b, */n)`
  }
  return null
}

const partFits = (part: string, field: (typeof fields)[number]): boolean => {
  const [range = '', step, ...more] = part.split('/')
  if (
    more.length > 0 ||
    (step !== undefined && !(/^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= field.most))
  )
    return false
  if (range === '*') return true
  const ends = range.split('-').map((end) => valueOf(end, field))
  if (ends.length > 2 || ends.some((end) => end === null)) return false
  if (ends.length === 1) return step === undefined
  return ends[0]! <= ends[1]!
}

const valueOf = (end: string, field: (typeof fields)[number]): number | null => {
  const word = (field.words as readonly string[]).indexOf(end.toLowerCase())
  const value = word >= 0 ? word + (field.name === 'month' ? 1 : 0) : /^\d{1,2}$/.test(end) ? Number(end) : Number.NaN
  return value >= field.least && value <= field.most ? value : null
}
