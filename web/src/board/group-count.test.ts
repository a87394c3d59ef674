import { expect, test } from 'vitest'
import { groupCount } from './group-count.ts'

test.each([
  [3, 3, 3, '3'],
  [2, 3, 3, '2'], // the filter leaves two
  [100, 100, 100, '100'],
  [100, 100, 2_341, '100 of 2,341'],
  [7, 100, 2_341, '7 of 2,341'],
])('%i drawn, %i given, %i there: %s', (inside, here, all, words) => expect(groupCount(inside, here, all)).toBe(words))
