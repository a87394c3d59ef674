import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cycles } from './cycles.ts'

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges))

test('a file that imports itself is a circle', () => {
  expect(cycles(graph({ a: ['a'] }))).toEqual([['a', 'a']])
})

test('a knot is told by its shortest circle', () => {
  expect(cycles(graph({ a: ['b'], b: ['c', 'a'], c: ['a'] })).map((circle) => circle.toSorted())).toEqual([
    ['a', 'a', 'b'],
  ])
})

test('files that do not exist close no circle', () => {
  expect(cycles(graph({ a: ['gone'], b: ['a', 'gone'] }))).toEqual([])
})

// The oracle: a graph has a circle exactly when taking away files without imports, again and again, leaves some over.
test('any graph: a circle is found exactly when there is one, and every circle found is one', () => {
  const edge = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }))
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 16 }), (edges) => {
      const files = new Map<string, string[]>(Array.from({ length: 8 }, (_, n) => [String(n), []]))
      for (const [from, to] of edges) files.get(String(from))?.push(String(to))
      const found = cycles(files)
      const left = new Map(files)
      for (let size = -1; size !== left.size;) {
        size = left.size
        for (const [file, next] of left) if (!next.some((other) => left.has(other))) left.delete(file)
      }
      expect(found.length > 0).toBe(left.size > 0)
      for (const circle of found) {
        expect(circle[0]).toBe(circle.at(-1))
        for (const [index, file] of circle.slice(0, -1).entries()) expect(files.get(file)).toContain(circle[index + 1])
      }
    }),
    { numRuns: 500 },
  )
})
