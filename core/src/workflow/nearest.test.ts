import { expect, test } from 'vitest'
import fc from 'fast-check'
import { editDistance, nearest } from './nearest.ts'

const words = ['plan_review', 'pr_approval', 'slack.comment', 'github.open_pr', 'github.comment', 'approvals']

test.each([
  ['slack.coment', 'slack.comment'],
  ['plan-review', 'plan_review'],
  ['Plan_Review', 'plan_review'],
  ['aprovals', 'approvals'],
  ['appvorals', 'approvals'],
  ['open_pr', 'github.open_pr'],
  ['comment', null], // two tools have it
  ['zebra', null],
  ['', null],
  ['x'.repeat(500), null],
])('%s -> %s', (found, word) => expect(nearest(found, words)).toBe(word))

test('the distance is a metric on short words, swaps count once', () => {
  expect(editDistance('abcd', 'abdc')).toBe(1)
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
