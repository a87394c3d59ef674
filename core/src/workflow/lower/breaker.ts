/** When does a workflow stop to start by itself? What is written over the defaults; all of them said is as if nothing were. */
import { readDuration } from '../amounts.ts'
import type { Breaker } from '../breaker.ts'
import { defaults } from '../defaults.ts'
import type { Mistakes } from '../mistakes.ts'
import type { Written } from '../read-document.ts'

const day = 86_400
/** The limits, or null where the defaults hold. */
export const lowerBreaker = (written: Written, mistakes: Mistakes): Breaker | null => {
  const said = written.section('breaker')
  if (said === undefined) return null
  const { starts, withinSeconds, chain, unchanged, cooldownSeconds } = defaults.breaker
  const number = (key: 'starts' | 'chain' | 'unchanged', most: number, otherwise: number): number => {
    const value = said[key]
    if (value === undefined) return otherwise
    if (value <= most) return value
    mistakes.add({
      code: 'wrong_value',
      path: ['breaker', key],
      message: `\`${key}\` is at most ${most}.`,
      found: String(value),
      expected: `a number from 1 to ${most}`,
    })
    return otherwise
  }
  const seconds = (key: 'within' | 'cooldown', otherwise: number): number => {
    const value = said[key]
    if (value === undefined) return otherwise
    const read = readDuration(value)
    if (read !== null && read > 0 && read <= 7 * day) return read
    mistakes.add({
      code: 'wrong_value',
      path: ['breaker', key],
      message: `\`${key}\` is a duration of at most 7 days.`,
      found: value.slice(0, 40),
      expected: 'a duration, such as 1h',
    })
    return otherwise
  }
  const breaker = {
    starts: number('starts', 1_000, starts),
    withinSeconds: seconds('within', withinSeconds),
    chain: number('chain', 20, chain),
    unchanged: number('unchanged', 20, unchanged),
    cooldownSeconds: seconds('cooldown', cooldownSeconds),
  }
  const isDefault = Object.entries(breaker).every(([key, value]) => defaults.breaker[key as keyof Breaker] === value)
  return isDefault ? null : breaker
}
