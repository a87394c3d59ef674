import { describe, expect, test } from 'vitest'
import { readPatch } from './patch.ts'
import { nowAt, since } from './since.ts'

const file = (path: string, rows: string[], from = 1) => {
  const old = rows.filter((row) => row[0] !== '+').length
  const neu = rows.filter((row) => row[0] !== '-').length
  return `diff --git a/${path} b/${path}\nindex 1111111..2222222 100644\n--- a/${path}\n+++ b/${path}\n@@ -${from},${old} +${from},${neu} @@\n${rows.join('\n')}\n`
}
const first = readPatch(
  file('pay.php', [' function charge()', '-  $key = 1', '+  $key = attempt()', ' {', ' }']) +
    file('same.php', [' a', '+b']) +
    file('dropped.php', ['+x', '+y']),
)
const second = readPatch(
  file('pay.php', [' function charge()', '-  $key = 1', '+  $key = order()', '+  return first()', ' {', ' }']) +
    file('same.php', [' z', ' a', '+b'], 9) +
    file('fresh.php', ['+n']),
)

describe('since the first round', () => {
  const found = since(first, second)
  test('files', () =>
    expect(found.files.map(({ path, state, added, removed }) => [path, state, added, removed])).toEqual([
      ['pay.php', 'changed', 2, 1],
      ['fresh.php', 'new', 1, 0],
      ['dropped.php', 'gone', 0, 2],
    ]))
  test('sums', () => expect([found.added, found.removed]).toEqual([3, 3]))
  test('rows that are new and rows that are gone', () =>
    expect(found.files[0]!.hunks[0]!.rows.map((row) => [row.since, row.text])).toEqual([
      [null, 'function charge()'],
      [null, '  $key = 1'],
      ['gone', '  $key = attempt()'],
      ['new', '  $key = order()'],
      ['new', '  return first()'],
      [null, '{'],
      [null, '}'],
    ]))
})

test('the same patch has no difference', () =>
  expect(since(second, second)).toEqual({ files: [], added: 0, removed: 0 }))

test('a file whose mode alone changed is a difference', () => {
  const before = readPatch('diff --git a/x b/x\nold mode 100644\nnew mode 100755\n')
  const after = readPatch('diff --git a/x b/x\nold mode 100644\nnew mode 120000\n')
  expect(since(before, after).files).toHaveLength(1)
})

test('binary files with other bytes are a difference', () => {
  const binary = (id: string) =>
    readPatch(`diff --git a/p.bin b/p.bin\nindex 1111111..${id} 100644\nBinary files a/p.bin and b/p.bin differ\n`)
  expect(since(binary('aaaaaaa'), binary('bbbbbbb')).files).toHaveLength(1)
  expect(since(binary('aaaaaaa'), binary('aaaaaaa')).files).toHaveLength(0)
})

describe('a comment finds its line again', () => {
  test('a line that was rewritten', () =>
    expect(nowAt(first, second, { path: 'pay.php', line: 2, side: 'new' })).toEqual({
      path: 'pay.php',
      line: 2,
      side: 'new',
      same: false,
    }))
  test('a line that is still there', () =>
    expect(nowAt(first, second, { path: 'same.php', line: 2, side: 'new' })).toEqual({
      path: 'same.php',
      line: 11,
      side: 'new',
      same: true,
    }))
  test('a file that is gone', () =>
    expect(nowAt(first, second, { path: 'dropped.php', line: 1, side: 'new' })).toBeNull())
})
