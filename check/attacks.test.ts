/** Is every row of docs/attacks.md held by a test that exists? A row names files and titles; one that moved or was renamed turns this red. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const rows = read('docs/attacks.md')
  .split('\n')
  .map((line) => /^\| ([TEF]\d+)(?:-[TEF]?(\d+))? \| (.+) \| (.+) \|$/.exec(line))
  .filter((row) => row !== null)
/** `file`: title, as they stand in a cell. */
const proofs = (cell: string): [file: string, title: string][] =>
  [...cell.matchAll(/`([\w./-]+\.tsx?)`: “([^”]+)”/g)].map(([, file, title]) => [file!, title!])
const numbers = (kind: string): number[] =>
  rows
    .filter(([, first]) => first!.startsWith(kind))
    .flatMap(([, first, last]) => {
      const from = Number(first!.slice(1))
      return Array.from({ length: Number(last ?? from) - from + 1 }, (_, at) => from + at)
    })

test('each attack of the list has its row, once', () => {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)
  expect(numbers('E').toSorted((a, b) => a - b)).toEqual(range(1, 112))
  expect(numbers('T')).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
  ])
  expect(numbers('F')).toEqual([35, 36, 37, 38, 48])
})

test.each(rows.map(([, id, last, , cell]) => [`${id}${last ? `-${last}` : ''}`, cell!] as const))(
  '%s is proved by tests that exist, or says why there is nothing to prove',
  (_, cell) => {
    const found = proofs(cell)
    if (found.length === 0) expect(cell).toMatch(/^not applicable: .{20,}/)
    for (const [file, title] of found) expect([file, read(file).includes(title)]).toEqual([file, true])
  },
)
