import { expect, test } from 'vitest'
import { whyNoCost } from './why-no-cost.ts'

test.each([
  ['none', 'no model used'],
  ['unavailable', 'unavailable'],
  ['agent', 'unavailable'],
  ['gateway', 'unavailable'],
] as const)('usage by %s without an amount: %s', (source, words) => expect(whyNoCost({ source })).toBe(words))
