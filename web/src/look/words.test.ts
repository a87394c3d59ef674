import { describe, expect, test } from 'vitest'
import { ago, duration, shortAge } from './ages.ts'
import { bytes, cost, counted, dollars, list, tokens, waitingCount } from './amounts.ts'

const at = Date.parse('2026-11-12T14:32:00Z')
const minute = 60_000

test('what took less than half a second did not take none', () => {
  expect([duration(0), duration(1), duration(499), duration(500)]).toEqual(['0 s', 'under 1 s', 'under 1 s', '1 s'])
})

test.each([
  [0, '0s', 'just now'],
  [12_000, '12s', '12 s ago'],
  [6 * minute, '6m', '6 min ago'],
  [59 * minute, '59m', '59 min ago'],
  [3 * 60 * minute, '3h', '3 h ago'],
  [26 * 60 * minute, '12 Nov', '12 Nov'],
  [-5_000, '0s', 'just now'],
])('%i ms after: %s, %s', (age, short, long) => {
  expect(shortAge(at, at + age)).toBe(short)
  expect(ago(at, at + age)).toBe(long)
})

test.each([
  [900, '1 s', '1 s'],
  [266_000, '4 min 26 s', '4m 26s'],
  [488_000, '8 min 08 s', '8m 08s'],
  [7_500_000, '2 h 5 min', '2h 5m'],
])('%i ms take %s', (millis, long, short) => {
  expect(duration(millis)).toBe(long)
  expect(duration(millis, true)).toBe(short)
})

describe('amounts', () => {
  const none = { inputTokens: null, outputTokens: null, cachedTokens: null, usdMicros: null }
  test('what cannot be known is never zero', () => {
    expect(cost({ ...none, source: 'unavailable' })).toBe('cost unavailable')
    expect(cost({ ...none, source: 'none' })).toBe('no model used')
    expect(tokens({ ...none, source: 'unavailable' })).toBeNull()
  })
  test('money', () => expect([dollars(2_410_000), dollars(0), dollars(4_200)]).toEqual(['$2.41', '$0.00', '$0.0042']))
  test('tokens', () =>
    expect(tokens({ ...none, inputTokens: 600_000, outputTokens: 47_000, source: 'gateway' })).toBe('647k tokens'))
  test('bytes', () =>
    expect([bytes(840), bytes(2_184), bytes(41_200), bytes(1_400_000)]).toEqual([
      '840 bytes',
      '2.2 kB',
      '41 kB',
      '1.4 MB',
    ]))
  test('counts', () =>
    expect([counted(1, 'file'), counted(4, 'file'), counted(2, 'repository', 'repositories')]).toEqual([
      '1 file',
      '4 files',
      '2 repositories',
    ]))
  test('what waits, as far as it was counted', () =>
    expect([waitingCount(0), waitingCount(499), waitingCount(500)]).toEqual(['0', '499', '500+']))
  test('lists', () =>
    expect([list(['a']), list(['a', 'b']), list(['a', 'b', 'c'], 'or')]).toEqual(['a', 'a and b', 'a, b or c']))
})
