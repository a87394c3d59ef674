import { expect, test } from 'vitest'
import { cronWords } from './clock.ts'

test.each([
  ['30 6 * * mon-fri', 'Monday to Friday at 06:30'],
  ['0 9 * * 1', 'Monday at 09:00'],
  ['5 17 * * mon,wed,5', 'Monday, Wednesday and Friday at 17:05'],
  ['0 0 * * sun,6-7', 'Sunday and Saturday to Sunday at 00:00'],
  ['15 12 * * *', 'every day at 12:15'],
  ['*/5 * * * *', null],
  ['0 9 1 * *', null],
  ['0 9 * 6 *', null],
  ['0 9 * * 1/2', null],
  ['0 9 * * 1-3-5', null],
  ['0 9-17 * * *', null],
])('%s: %s', (cron, words) => expect(cronWords(cron)).toBe(words))
