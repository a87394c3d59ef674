import { expect, test } from 'vitest'
import { chord, pairMillis } from './chord.ts'

const bindings = ['j', 'i', 'g i', 'g b', 'Escape']

test('a single key', () => expect(chord(bindings, 'j', null, 0)).toEqual({ binding: 'j', before: null }))
test('an unknown key', () => expect(chord(bindings, 'q', null, 0)).toEqual({ binding: null, before: null }))
test('two keys in a row', () => {
  const first = chord(bindings, 'g', null, 100)
  expect(first).toEqual({ binding: null, before: { key: 'g', at: 100 } })
  expect(chord(bindings, 'i', first.before, 200)).toEqual({ binding: 'g i', before: null })
})
test('two keys too far apart are two keys', () =>
  expect(chord(bindings, 'i', { key: 'g', at: 0 }, pairMillis + 1)).toEqual({ binding: 'i', before: null }))
test('a pair that does not exist is its second key alone', () =>
  expect(chord(bindings, 'j', { key: 'g', at: 0 }, 10)).toEqual({ binding: 'j', before: null }))
