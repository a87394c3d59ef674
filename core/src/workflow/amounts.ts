/**
 * How much is `24h`, `2M`, `$5`?
 * Durations in seconds, tokens and money as numbers. A bare number is never a duration: nobody can tell its unit.
 */

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const

/** `45m`, `24h`, `1h30m`, `2d`: units from large to small, each once. */
export const durationForm = /^(?=\d)(\d{1,4}w)?(\d{1,4}d)?(\d{1,4}h)?(\d{1,5}m)?(\d{1,6}s)?$/

/** Seconds of a duration, or null when the text is none or is zero. */
export const readDuration = (text: string): number | null => {
  if (!durationForm.test(text)) return null
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g))
    total += Number(count) * seconds[unit as keyof typeof seconds]
  return total > 0 ? total : null
}

/** Seconds as people write them: 5400 -> `1h30m`, 86400 -> `24h`, 172800 -> `2d`. */
export const sayDuration = (total: number): string => {
  if (total === 86_400) return '24h'
  const parts: string[] = []
  let rest = total
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`)
    rest %= size
  }
  return parts.join('') || '0s'
}

/** `2M`, `500k`, `1.5M`, `20000`. */
export const tokensForm = /^\d{1,12}(\.\d{1,3})?[kM]?$/

/** A whole number of tokens, or null. */
export const readTokens = (written: string | number): number | null => {
  const text = String(written)
  if (!tokensForm.test(text)) return null
  const unit = text.endsWith('k') ? 1_000 : text.endsWith('M') ? 1_000_000 : 1
  const count = Math.round(Number(unit === 1 ? text : text.slice(0, -1)) * unit)
  return count > 0 && Number.isSafeInteger(count) ? count : null
}

/** 2000000 -> `2M`. */
export const sayTokens = (count: number): string =>
  count % 1_000_000 === 0 ? `${count / 1_000_000}M` : count % 1_000 === 0 ? `${count / 1_000}k` : String(count)

/** `$5`, `5`, `2.50`, `5 USD`: dollars with at most two places. */
export const moneyForm = /^(\$ ?)?\d{1,7}(\.\d{1,2})?( ?(USD|usd))?$/

/** Dollars, or null. */
export const readMoney = (written: string | number): number | null => {
  const text = String(written).trim()
  if (!moneyForm.test(text)) return null
  const dollars = Number(text.replace(/[^\d.]/g, ''))
  return dollars > 0 ? dollars : null
}
