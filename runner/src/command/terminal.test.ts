import { expect, test } from 'vitest'
import { plain, size, span, table } from './print.ts'
import { terminalFilter } from './terminal.ts'

const whole = (text: string): string => {
  const filter = terminalFilter()
  return filter.push(Buffer.from(text)) + filter.end()
}
const bytewise = (text: string): string => {
  const filter = terminalFilter()
  return [...Buffer.from(text)].map((byte) => filter.push(Uint8Array.of(byte))).join('') + filter.end()
}

test.each([
  ['colours stay', '\u001b[31mred\u001b[0m\n', '\u001b[31mred\u001b[0m\n'],
  ['a title is shown, not set', '\u001b]0;owned\u0007', '␛]0;owned␇'],
  ['the clipboard is not written', '\u001b]52;c;ZXZpbA==\u0007', '␛]52;c;ZXZpbA==␇'],
  ['a link is text', '\u001b]8;;https://evil\u001b\\good', '␛]8;;https://evil␛\\good'],
  ['nothing is asked of the terminal', '\u001b[21t\u001b[6n', '␛[21t␛[6n'],
  ['the cursor does not move', 'safe\u001b[1A\u001b[2Kevil\rx\b', 'safe␛[1A␛[2Kevil␍x␈'],
  ['DOS lines are lines', 'a\r\nb', 'a\nb'],
  ['C1 controls are shown', 'a\u009b31m', 'a<009b>31m'],
  ['direction and invisible characters are shown', 'a\u202eb\u200bc\u{e0041}', 'a<202e>b<200b>c<e0041>'],
  ['a NUL is shown', 'a\u0000b', 'a␀b'],
])('%s, also byte by byte', (_, text, shown) => {
  expect(whole(text)).toBe(shown)
  expect(bytewise(text)).toBe(shown)
})

test('one-line texts lose what a terminal would obey', () => {
  expect(plain('a\u001b[31mb\nc\u202ed')).toBe('a\ufffd[31mb\ufffdc\ufffdd')
})

test('numbers and columns are for people', () => {
  expect([size(0), size(999), size(1_500), size(2_000_000)]).toEqual(['0 B', '999 B', '1.5 kB', '2.0 MB'])
  expect([span(3_000), span(180_000), span(7_200_000), span(432_000_000)]).toEqual(['3 s', '3 min', '2 h', '5 d'])
  expect(
    table([
      ['A', 'BB', 'C'],
      ['aaa', 'b', 'c'],
    ]),
  ).toEqual(['A    BB  C', 'aaa  b   c'])
})
