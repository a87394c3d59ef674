import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crowdIn, mostOfOneList, mostValues } from './json-crowd.ts'

const list = (elements: number, of = '{}') => `[${Array.from({ length: elements }, () => of).join(',')}]`

test('a list, or a document, of more than anything real has is told; at the limit it is none', () => {
  expect(crowdIn(list(mostOfOneList))).toBeNull()
  expect(crowdIn(list(mostOfOneList + 1))).toBe('a list of more than 10000 elements')
  expect(crowdIn(list(mostOfOneList + 1, '0'))).toBe('a list of more than 10000 elements')
  expect(crowdIn(`{"a":{"b":${list(mostOfOneList + 1, '"x,y"')}}}`)).toBe('a list of more than 10000 elements')
  const rows = (many: number) => list(many, list(149)) // each an open bracket, 148 commas and 149 objects, and the comma behind it
  expect(crowdIn(rows(mostValues / 299))).toBeNull()
  expect(crowdIn(rows(mostValues / 299 + 2))).toBe('more than 300000 values')
})

test('commas and brackets inside texts, and those of objects, are no elements', () => {
  const text = JSON.stringify({ a: ['[,'.repeat(50_000), '\\",['.repeat(50_000)], b: ',' })
  expect(crowdIn(text)).toBeNull()
  const keys = Object.fromEntries(Array.from({ length: mostOfOneList + 5 }, (_, n) => [`k${n}`, n]))
  expect(crowdIn(JSON.stringify({ keys }))).toBeNull()
})

test('what is no list and no object is not judged: a page or a log has commas as it likes', () =>
  expect(crowdIn(`<style>${'[a],'.repeat(400_000)}</style>`)).toBeNull())

test('says nothing of small documents, and never throws', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      expect(crowdIn(text)).toBeNull()
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1') }), (text) => {
      crowdIn(text)
    }),
  )
})
