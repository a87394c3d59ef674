import { expect, test } from 'vitest'
import { excerpt } from './compile.ts'

const place = (line: number, column: number, endLine: number, endColumn: number) => ({
  line,
  column,
  endLine,
  endColumn,
})

test.each([
  ['a word', ['name: x', 'triger: y'], place(2, 1, 2, 7), ['  2 | triger: y', '    | ^^^^^^']],
  [
    'after a tab and a hidden character, which are shown',
    ['\ta\u202eb c'],
    place(1, 6, 1, 7),
    ['  1 |  a⟨U+202E⟩b c', '    |             ^'],
  ],
  [
    'more than one line: to the end of the first',
    ['a: [1,', '2]'],
    place(1, 4, 2, 2),
    ['  1 | a: [1,', '    |    ^^^'],
  ],
  ['the end of a file', ['a'], place(2, 1, 2, 1), ['  2 | ', '    | ^']],
])('the caret stands under %s', (_, lines, error, expected) => {
  expect(excerpt(lines, error)).toEqual(expected)
})
