/** How are amounts said? Money, tokens, bytes and counts; what cannot be known is never zero. */
import { countedUpTo } from '@viewportai/core/api/inbox'
import type { Usage } from '@viewportai/core/run/facts'
import { whyNoCost } from '@viewportai/core/run/why-no-cost'
import type { z } from 'zod'

type Used = z.infer<typeof Usage>

const kilo = (value: number): string =>
  value < 1_000
    ? String(value)
    : value < 1_000_000
      ? `${Math.round(value / 1_000)}k`
      : `${(value / 1_000_000).toFixed(1)}M`

/** "$2.41"; small amounts keep what is not zero: "$0.0042". */
export const dollars = (micros: number): string => {
  const value = micros / 1_000_000
  return value !== 0 && Math.abs(value) < 0.01 ? `$${value.toFixed(4)}` : `$${value.toFixed(2)}`
}

/** The cost of a run or step, or why there is none. */
export const cost = (usage: Used): string => {
  if (usage.usdMicros !== null) return dollars(usage.usdMicros)
  const why = whyNoCost(usage)
  return why === 'unavailable' ? 'cost unavailable' : why
}

/** The cost for a narrow column: a dash where it is unavailable; a word elsewhere says why. */
export const shortCost = (usage: Used): string => (usage.usdMicros === null ? '–' : dollars(usage.usdMicros))

/** "647k tokens", or null when they are not known. */
export const tokens = (usage: Used): string | null =>
  usage.inputTokens === null && usage.outputTokens === null
    ? null
    : `${kilo((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0))} tokens`
export const shortTokens = (usage: Used): string | null => tokens(usage)?.replace(' tokens', '') ?? null

/** "840 bytes", "2.2 kB", "41 kB", "1.4 MB". */
export const bytes = (count: number): string => {
  if (count < 1_000) return `${count} bytes`
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)} kB`
  return `${(count / 1_000_000).toFixed(1)} MB`
}

/** "1 file", "4 files". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** How much waits for somebody: "12", and "500+" where counting ended. */
export const waitingCount = (count: number): string => (count < countedUpTo ? String(count) : `${countedUpTo}+`)

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
/** Numbers to twelve as words, for sentences. */
export const inWords = (count: number): string => small[count] ?? String(count)
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** "a, b and c". */
export const list = (items: readonly string[], last = 'and'): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`
