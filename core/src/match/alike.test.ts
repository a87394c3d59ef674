import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { conditionHolds } from '../policy/condition.ts'
import { alikeBut, looks } from './alike.ts'

/** Also with what is not seen, and with nothing in it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'A', 'а', ' ', '\u200b', '\u{e0000}', 'e\u0301', 'é', '#'), maxLength: 3 }),
)

describe('two texts that look alike', () => {
  test.each<[string, string, RegExp | null]>([
    ['bug', 'bug', null],
    ['bug', 'bugs', null],
    ['bug', 'feature', null],
    ['bug', 'Bug', /small and capital letters alone/],
    ['caf\u00e9', 'cafe\u0301', /accents as letters of their own/],
    ['a  b', 'a b ', /blanks alone/],
    ['support', '#support', /a # in front/],
    ['#support', 'support', /a # in front/],
    ['support', 'ѕupport', /ѕ \(U\+0455\) in what was found is another character/],
    ['Backend', 'Вackend', /В \(U\+0412\)/],
    ['bug', 'bug\u200b', /U\+200B/],
    ['bug', 'ｂug', /ｂ \(U\+FF42\)/],
    ['bug', '\u202ebug', /U\+202E/],
    ['', '\u200b', /alike/],
  ])('%j and %j', (wanted, found, how) => {
    const said = alikeBut(wanted, found)
    if (how === null) expect(said).toBeNull()
    else expect(said).toMatch(how)
    // No hidden character is put out as it is.
    expect(said ?? '').not.toMatch(/[\u200b\u202e]/)
  })

  test('what was wanted may have a character more that nobody sees', () => {
    expect(alikeBut('bug\u200b', 'bug')).toBe('they look alike, and what was wanted has U+200B more')
    expect(alikeBut('\u{e0000}', '')).toBe('they look alike, and what was wanted has U+E0000 more')
    expect(alikeBut('bug', 'bug\u200b')).toBe('they look alike, and U+200B in what was found is another character')
  })
  test('it never decides: what only looks alike fits nothing', () =>
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(conditionHolds({ is: [a] }, b)).toBe(a === b ? 'yes' : 'no')
        const said = alikeBut(a, b)
        if (said !== null) expect(looks(a)).toBe(looks(b))
        if (a === b) expect(said).toBeNull()
      }),
    ))
})
