import { expect, test } from 'vitest'
import fc from 'fast-check'
import { readDuration, readMoney, readTokens, sayDuration, sayTokens } from './amounts.ts'

test.each([
  ['45m', 2_700],
  ['24h', 86_400],
  ['1h30m', 5_400],
  ['2d', 172_800],
  ['1w', 604_800],
  ['90s', 90],
  ['30m1h', null],
  ['1h1h', null],
  ['0m', null],
  ['', null],
  ['24', null],
  ['24 h', null],
  ['-5m', null],
  ['1.5h', null],
  ['5M', null],
  ['24hours', null],
])('duration %s is %s seconds', (text, expected) => expect(readDuration(text)).toBe(expected))

test.each([
  ['2M', 2_000_000],
  ['500k', 500_000],
  ['1.5M', 1_500_000],
  [20_000, 20_000],
  ['0', null],
  ['2m', null],
  ['2G', null],
  [-1, null],
  [1e21, null],
  ['', null],
])('tokens %s is %s', (written, expected) => expect(readTokens(written)).toBe(expected))

test.each([
  [5, 5],
  [2.5, 2.5],
  ['$5', 5],
  ['$ 5', 5],
  ['5 USD', 5],
  ['0.01', 0.01],
  ['0', null],
  [0.001, null],
  ['5 EUR', null],
  ['$', null],
  [-5, null],
])('money %s is %s dollars', (written, expected) => expect(readMoney(written)).toBe(expected))

test('what is said is read again as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_000 * 86_400 }), (n) => void expect(readDuration(sayDuration(n))).toBe(n)),
  )
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e11 }), (n) => void expect(readTokens(sayTokens(n))).toBe(n)))
})
