// Does docs/reliability.md tell the truth about which tests try which fault?
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const rows = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, fault, tried] = /^\| (F\d+) \|.*?\| (.*) \|$/.exec(line) ?? []
    return fault && tried ? [{ fault, tried: tried.split('<br>') }] : []
  })
/** As a title stands in the source: within quotes that it may hold. */
const titled = (source: string): string => source.replaceAll("\\'", "'")

test('every fault from F1 to F56 has one row', () => {
  expect(rows.map(({ fault }) => fault)).toEqual(Array.from({ length: 56 }, (_, n) => `F${n + 1}`))
})

test.each(rows)('$fault names tests that are there', ({ tried }) => {
  const named = tried.flatMap((cell) => {
    const [, file, title] = /^`([^`]+)`: (.+)$/.exec(cell) ?? []
    return file && title ? [{ file, title }] : []
  })
  expect(named.length).toBeGreaterThan(0)
  const missing = named.filter(
    ({ file, title }) =>
      !existsSync(join(root, file)) || !titled(readFileSync(join(root, file), 'utf8')).includes(title),
  )
  expect(missing).toEqual([])
})
