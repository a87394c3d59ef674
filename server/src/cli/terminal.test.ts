import { expect, test } from 'vitest'
import { columns, inLine, lasting, mayColour, openTerminal, quoted } from './terminal.ts'

const out = (isTTY: boolean) => {
  let text = ''
  return { isTTY, columns: 80, write: (more: string) => ((text += more), true), said: () => text }
}

test('text from outside can neither move the cursor nor hide', () => {
  expect(inLine('a\u001b[2Jb\rc\nd\u202e\u200b')).toBe('a⟨U+001B⟩[2Jb ⏎ c ⏎ d⟨U+202E⟩⟨U+200B⟩')
  expect(quoted('one\ntwo\u0007\n')).toBe('  │ one\n  │ two⟨U+0007⟩')
})

test.each([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('colours on %s', (_, isTTY, env, expected) => {
  expect(mayColour({ isTTY }, env)).toBe(expected)
  expect(openTerminal(false, env, out(isTTY) as never).paint('done', 'x')).toBe(expected ? '\u001b[32mx\u001b[0m' : 'x')
})

test('with --json there is JSON and nothing else', () => {
  const target = out(true)
  const terminal = openTerminal(true, {}, target as never, out(true) as never)
  terminal.line('words')
  terminal.give({ a: 1 }, () => terminal.line('more words'))
  expect(JSON.parse(target.said())).toEqual({ a: 1 })
})

test('columns count what is seen', () => {
  expect(
    columns([
      ['\u001b[32mok\u001b[0m', 'x'],
      ['longer', 'y'],
    ]),
  ).toEqual(['\u001b[32mok\u001b[0m      x', 'longer  y'])
})

test.each([
  [400, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%i ms is %s', (millis, words) => {
  expect(lasting(millis)).toBe(words)
})
