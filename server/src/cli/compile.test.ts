import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { expect, test } from 'vitest'
import { excerpt, showErrors } from './compile.ts'
import { openTerminal } from './terminal.ts'

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

test('a word that is near to none of the valid ones is shown with them, a list once', () => {
  const source = 'name: x\nrepos: a\nrunner: { isolation: vm }\nagents: { zebra: a, horse: b }\n'
  const read = compileWorkflow(source)
  let said = ''
  const out = { isTTY: false, columns: 100, write: (text: string) => ((said += text), true) }
  showErrors(openTerminal(false, {}, out as never), source, read.ok ? [] : read.errors)
  expect(said.split('\n').filter((line) => line.includes('Expected'))).toEqual([
    '  Expected: none, user, sandbox, container.',
    '  Expected: plan, read, implement, edit, review.',
  ])
})
