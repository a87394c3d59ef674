import { expect, test } from 'vitest'
import { codeFrom } from './code.ts'

test.each([
  ['A4-X91-7QH', 'A4-X91-7QH'],
  ['a4x917qh', 'A4-X91-7QH'],
  [' a4 x91 7qh ', 'A4-X91-7QH'],
  ['a4–x91–7qh', 'A4-X91-7QH'],
  ['a4x917q', null],
  ['a4x917qhh', null],
  ['', null],
])('%j is %j', (typed, code) => expect(codeFrom(typed)).toBe(code))
