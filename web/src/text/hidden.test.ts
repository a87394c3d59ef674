import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hiddenSentence, marksOf, reveal, type Piece } from './hidden.ts'

const labels = (text: string, code = false) => marksOf(reveal(text, code)).map((mark) => mark.label)
const joined = (pieces: Piece[]) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('')

describe('what a reader would not see becomes a mark', () => {
  test.each([
    ['right-to-left override', 'reviewed by security\u202e, skip', ['U+202E']],
    ['isolates', '\u2066x\u2069', ['U+2066', 'U+2069']],
    ['zero width space', 'git\u200b push', ['U+200B']],
    ['byte order mark', '\ufeffname: x', ['U+FEFF']],
    ['tags that spell a text', 'ok\u{e0068}\u{e0069}', ['U+E0068', 'U+E0069']],
    ['variation selectors that carry bytes', 'a\ufe00\u{e0101}', ['U+FE00', 'U+E0101']],
    ['escape', '\u001b[31mred', ['U+001B']],
    ['C1 control', '\u009b31m', ['U+009B']],
    ['NUL', 'a\u0000b', ['U+0000']],
    ['carriage return that overwrites', 'rm -rf /\rls', ['U+000D']],
    ['backspace', 'safe\b\b', ['U+0008', 'U+0008']],
    ['no-break space', 'git\u00a0push', ['U+00A0']],
    ['line separator', 'a\u2028b', ['U+2028']],
    ['hangul filler', 'x\u3164 = 1', ['U+3164']],
    ['lone surrogate', 'a\ud800b', ['U+D800']],
    ['replacement of bytes that are no text', 'a\ufffdb', ['U+FFFD']],
    ['soft hyphen', 'pass\u00adword', ['U+00AD']],
  ])('%s', (_, text, expected) => expect(labels(text)).toEqual(expected))

  test('a mixed word shows which letter is not Latin', () => {
    expect(marksOf(reveal('g\u0456t push'))).toEqual([
      { kind: 'look-alike', label: 'U+0456', name: 'looks like i', text: '\u0456' },
    ])
    expect(labels('m\u0430in', true)).toEqual(['U+0430'])
  })

  test('a word of nothing but look-alikes is marked in code only', () => {
    expect(labels('\u0441\u043e\u0440\u0443', true)).toHaveLength(4)
    expect(labels('\u0441\u043e\u0440\u0443', false)).toEqual([])
  })

  test('full-width signs are marked in code', () => expect(labels('a\uff1bb', true)).toEqual(['U+FF1B']))

  test('a run of blanks that hides the end of a line is one mark', () => {
    expect(marksOf(reveal(`ls${' '.repeat(200)}; rm -rf /`))).toMatchObject([{ kind: 'blanks', label: '200 blanks' }])
    expect(labels(`ls${' '.repeat(79)}x`)).toEqual([])
    expect(labels(`${' '.repeat(120)}deeply.indented()`)).toEqual([])
  })

  test('stacked marks are shown from the fourth on', () => expect(labels(`e${'\u0301'.repeat(6)}`)).toHaveLength(3))
})

describe('ordinary text stays as it is', () => {
  test.each([
    ['code', 'const x = a->b ? "é" : `ß` // naïve'],
    ['Russian', 'Он сказал: привет, мир'],
    ['Greek', 'Καλημέρα κόσμε'],
    ['Chinese', '重试时不要重复扣款'],
    ['emoji with joiner and selector', 'done 👩‍💻 ❤️ 1️⃣'],
    ['typography', '“quoted” — … → ✓'],
  ])('%s', (_, text) => expect(reveal(text)).toEqual([text]))

  test('an empty text has no pieces', () => expect(reveal('')).toEqual([]))
})

test('no character is lost, whatever the text', () => {
  const nasty = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u202e', '\u200d', '\ufe0f', '\r', ' '.repeat(90), 'а', '👩', '\ud800'),
    ),
  )
  fc.assert(
    fc.property(nasty, fc.boolean(), (parts, code) => {
      const text = parts.join('')
      expect(joined(reveal(text, code))).toBe(text)
    }),
  )
})

test('no plain piece keeps a bidirectional, zero-width, tag or control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const piece of reveal(text))
        if (typeof piece === 'string')
          expect(piece).not.toMatch(
            /[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\u0000-\u0008\u000b-\u001f\u{e0000}-\u{e007f}]/u,
          )
    }),
  )
})

describe('one sentence says what was found', () => {
  test('nothing', () => expect(hiddenSentence([])).toBe(''))
  test('one', () =>
    expect(hiddenSentence(marksOf(reveal('a\u202eb')))).toBe(
      'One hidden character made visible: it can turn the order in which a line is read.',
    ))
  test('two of one kind', () =>
    expect(hiddenSentence(marksOf(reveal('a\u200bb\u200b')))).toBe(
      'Two hidden characters made visible. They take no room on the screen.',
    ))
  test('look-alikes', () =>
    expect(hiddenSentence(marksOf(reveal('g\u0456t')))).toBe(
      'One look-alike made visible: it looks like another letter.',
    ))
})
