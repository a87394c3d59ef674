import { expect, test } from 'vitest'
import { moreWords } from './inbox.ts'

test.each([
  [101, 100, 'and 1 more'],
  [499, 100, 'and 399 more'],
  [500, 100, 'and at least 400 more'],
])('of %i waiting %i are shown: %s', (total, shown, words) => expect(moreWords(total, shown)).toBe(words))
