import { expect, test } from 'vitest'
import { readPatch } from './patch.ts'
import { lineAt, move, placeOf, shownPatch } from './shown.ts'

const files = shownPatch(
  readPatch(
    'diff --git a/one b/one\n--- a/one\n+++ b/one\n@@ -1,2 +1,2 @@ head\n a\n-b\n+c\n@@ -9 +9 @@\n-x\n+y\n' +
      'diff --git a/pic b/pic\nBinary files a/pic and b/pic differ\n' +
      'diff --git a/two b/two\nnew file mode 100644\n--- /dev/null\n+++ b/two\n@@ -0,0 +1 @@\n+z\n',
  ).files,
)

test('rows of all hunks, with their heads', () =>
  expect(files[0]!.rows.map((row) => [row.kind, row.text])).toEqual([
    ['gap', 'line 1  head'],
    ['ctx', 'a'],
    ['del', 'b'],
    ['add', 'c'],
    ['gap', 'line 9'],
    ['del', 'x'],
    ['add', 'y'],
  ]))

test('hunk by hunk, over a binary file, to the end', () => {
  const seen = [move(files, null, 'hunk', 1)]
  for (let i = 0; i < 4; i += 1) seen.push(move(files, seen.at(-1)!, 'hunk', 1))
  expect(seen).toEqual([
    { file: 0, row: 2 },
    { file: 0, row: 5 },
    { file: 2, row: 1 },
    { file: 2, row: 1 },
    { file: 2, row: 1 },
  ])
  expect(move(files, { file: 2, row: 1 }, 'hunk', -1)).toEqual({ file: 0, row: 5 })
})

test('file by file', () => {
  expect(move(files, { file: 0, row: 5 }, 'file', 1)).toEqual({ file: 2, row: 1 })
  expect(move(files, { file: 2, row: 1 }, 'file', -1)).toEqual({ file: 0, row: 2 })
})

test('line by line skips heads and crosses files', () => {
  expect(move(files, { file: 0, row: 3 }, 'line', 1)).toEqual({ file: 0, row: 5 })
  expect(move(files, { file: 0, row: 6 }, 'line', 1)).toEqual({ file: 2, row: 1 })
  expect(move(files, { file: 2, row: 1 }, 'line', -1)).toEqual({ file: 0, row: 6 })
  expect(move(files, { file: 2, row: 1 }, 'line', 1)).toEqual({ file: 2, row: 1 })
})

test('a line has a place and a place has a line', () => {
  for (const line of [
    { path: 'one', line: 2, side: 'new' as const },
    { path: 'one', line: 9, side: 'old' as const },
    { path: 'two', line: 1, side: 'new' as const },
  ])
    expect(lineAt(files, placeOf(files, line)!)).toEqual(line)
  expect(placeOf(files, { path: 'one', line: 77, side: 'new' })).toBeNull()
  expect(lineAt(files, { file: 0, row: 0 })).toBeNull()
})
