import { expect, test } from 'vitest'
import { cronRefusal } from './cron.ts'

test.each([
  '* * * * *',
  '*/5 * * * *',
  '0 9 * * 1-5',
  '0 9 * * mon-fri',
  '0,30 8-18/2 1 jan,jul *',
  '59 23 31 12 7',
  '  0  0 * * 0 ',
])('%j is a schedule', (text) => expect(cronRefusal(text)).toBeNull())
test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '5-1 * * * *',
  '*/0 * * * *',
  '1/2 * * * *',
  'a * * * *',
  '@daily',
  '*/5/5 * * * *',
  '1- * * * *',
  '-1 * * * *',
  '1.5 * * * *',
])('%j is none', (text) => expect(cronRefusal(text)).not.toBeNull())
