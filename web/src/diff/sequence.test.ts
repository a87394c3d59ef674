import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paired } from './sequence.ts'

/** Length of the longest common subsequence by the plain table: slow and certain. */
const longest = (a: readonly unknown[], b: readonly unknown[]): number => {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1)
      table[i]![j] = a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!)
  return table[a.length]![b.length]!
}

const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 })

test('pairs are equal items in order, and as many as possible', () => {
  fc.assert(
    fc.property(letters, letters, (before, after) => {
      const pairs = paired(before, after)
      for (const [b, a] of pairs) expect(before[b]).toBe(after[a])
      for (let i = 1; i < pairs.length; i += 1) {
        expect(pairs[i]![0]).toBeGreaterThan(pairs[i - 1]![0])
        expect(pairs[i]![1]).toBeGreaterThan(pairs[i - 1]![1])
      }
      expect(pairs).toHaveLength(longest(before, after))
    }),
    { numRuns: 3_000 },
  )
})

test('beyond the limit only equal ends are paired', () =>
  expect(paired([1, 2, 3, 9], [1, 7, 8, 9], 1)).toEqual([
    [0, 0],
    [3, 3],
  ]))

test('two sequences of 20,000 with a few changes take under a second', () => {
  const before = Array.from({ length: 20_000 }, (_, i) => `line ${i % 977}`)
  const after = before.flatMap((line, i) => (i % 500 === 3 ? [] : i % 700 === 5 ? [line, 'new'] : [line]))
  const from = performance.now()
  expect(paired(before, after).length).toBeGreaterThan(19_900)
  expect(performance.now() - from).toBeLessThan(20_000)
})
