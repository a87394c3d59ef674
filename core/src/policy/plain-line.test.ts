import fc from 'fast-check'
import { expect, test } from 'vitest'

import { plainLine, withoutKeys } from './plain-line.ts'

test.each([
  ['Fixes #1, acme/api#2, !3 and &4', 'Fixes # 1, acme/api# 2, ! 3 and & 4'],
  ['closes GH-4 and gl-5', 'closes GH- 4 and gl- 5'],
  ['Closes https://gitlab.com/a/b/-/issues/3', 'Closes https: //gitlab.com/a/b/-/issues/3'],
  ['Fixes SEC-12 (PAY-7)', 'Fixes SEC- 12 (PAY- 7)'],
  ['/merge @team', '/ merge @ team'],
  ['Crash [skip [skip ci]ci]', 'Crash (skip (skip ci)ci)'],
  ['***NO_CI***', '**NO_CI**'],
  ['Read UTF-8 by RFC-3629, C# and R&D', 'Read UTF-8 by RFC-3629, C# and R&D'],
  ['two\nlines\u202e', 'two lines⟨U+202E⟩'],
])('%j', (text, line) => expect(plainLine(text)).toBe(line))

test('nothing with an effect is left, however the pieces are put together', () => {
  const piece = fc.constantFrom(
    ...'[ ] *** ** * # ! & @ / :// : GH- GL- SEC- SEC -12 12 skip ci no NO_CI team x \u200b'.split(' '),
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const line = plainLine(pieces.join(''))
      expect(line).not.toMatch(/[[\]]|\*\*\*|[#!&]\d|@\w|:\/\/|\b(GH|GL)-\d|(^|[^A-Z0-9a-z])SEC-\d|(^|\s)\/\w|\n/i)
      expect(plainLine(line)).toBe(line)
    }),
    { numRuns: 5_000 },
  )
})

test('keys of tickets go apart in any text', () => {
  expect(withoutKeys('resolves LIN-1, ab-2, XY-Z, AB2-34x and sec-12')).toBe(
    'resolves LIN- 1, ab-2, XY-Z, AB2- 34x and sec-12',
  )
})
