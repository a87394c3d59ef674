import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deepest, mostKeys, mostKeysOfOne, readStrictJson } from './strict-json.ts'

const why = (text: string) => {
  const read = readStrictJson(text)
  return read.ok ? null : read.why
}

test.each([
  ['{"a":1,"a":2}', 'the key "a" stands twice in one object'],
  ['{"a":1,"\\u0061":2}', 'the key "a" stands twice in one object'],
  ['[{"x":{"b":1,"c":2,"b":[]}}]', 'the key "b" stands twice in one object'],
  ['{"__proto__":{}}', 'a key is called __proto__'],
  ['{"a":{"\\u005f_proto__":1}}', 'a key is called __proto__'],
  ['['.repeat(500) + ']'.repeat(500), `it is nested deeper than ${deepest} levels`],
  ['{"a":'.repeat(500) + '1' + '}'.repeat(500), `it is nested deeper than ${deepest} levels`],
  ['{"a":1', 'it is not JSON'],
  ['{"a":1}}', 'it is not JSON'],
  ['"abc', 'a text does not end'],
  ['', 'it is not JSON'],
  ['{a:1}', 'it is not JSON'],
  ['NaN', 'it is not JSON'],
  ['\ufeff{}', 'it is not JSON'],
])('%.40s is refused', (text, reason) => expect(why(text)).toBe(reason))

/** `count` keys, `wide` in each object. */
const manyKeys = (count: number, wide: number) =>
  `[${Array.from(
    { length: Math.ceil(count / wide) },
    (_, of) => `{${Array.from({ length: Math.min(wide, count - of * wide) }, (__, at) => `"k${at}":1`).join(',')}}`,
  ).join(',')}]`

test('an object, or a document, of more keys than anything real has is refused; at the limit it is read', () => {
  expect(why(manyKeys(mostKeysOfOne, mostKeysOfOne))).toBeNull()
  expect(why(manyKeys(mostKeysOfOne + 1, mostKeysOfOne + 1))).toBe('an object has more than 10000 keys')
  expect(why(manyKeys(mostKeys, 100))).toBeNull()
  expect(why(manyKeys(mostKeys + 1, 100))).toBe('it has more than 250000 keys')
})

test('a list of more elements than anything real has is refused', () => {
  expect(why(`{"agents":[${'{},'.repeat(10_000)}{}]}`)).toBe('it has a list of more than 10000 elements')
})

test('the same key in two objects, and colons, braces and quotes inside texts, are no flaw', () => {
  const text = '{"a":{"k":1},"b":{"k":"x\\":{\\"k\\":[[["},"c":[{"k":1},{"k":2}],"d":"__proto__","e":"k"}'
  expect(readStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
})

test('reads every JSON value as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 12 }), (text) => {
      if (text.includes('__proto__')) return
      expect(readStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
    }),
  )
})

test('never throws on any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ') }),
      (text) => void readStrictJson(text),
    ),
    { numRuns: 2_000 },
  )
})
