import { expect, test } from 'vitest'
import fc from 'fast-check'
import { codeAlphabet, formatPairingCode, pairingCodeFrom, readPairingCode } from './pairing-code.ts'

test.each(['A4-X91-7QH', 'a4-x91-7qh', 'A4X917QH', ' a4 x91 7qh ', 'A4–X91—7QH', 'A-4-X-9-1-7-Q-H'])(
  '%s is read, however it is typed',
  (typed) => {
    expect(readPairingCode(typed)).toBe('A4X917QH')
    expect(formatPairingCode('A4X917QH')).toBe('A4-X91-7QH')
  },
)

test('a look-alike is read as the symbol that codes hold', () => {
  expect(readPairingCode('A4-X9I-7QH')).toBe('A4X917QH')
  expect(readPairingCode('b4-sz1-gul')).toBe('845216V1')
})

test.each([
  '',
  'A4-X91-7Q',
  'A4-X91-7QHH',
  'A4-X91-7Q0',
  'A4-X91-7QO',
  'A4-X91-7Qß',
  'A4_X91_7QH',
  'A4-X91-7Q\u0000',
  '💥'.repeat(8),
])('%j cannot be a code', (typed) => {
  expect(readPairingCode(typed)).toBeNull()
})

test('every code that is made is read back, and every symbol is used about equally', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (random) => {
      const code = pairingCodeFrom(random)
      expect(readPairingCode(formatPairingCode(code))).toBe(code)
    }),
  )
})

test('every symbol is equally likely', () => {
  const fair = Array.from({ length: 234 }, (_, byte) => pairingCodeFrom(new Uint8Array(8).fill(byte))[0])
  for (const symbol of codeAlphabet) expect(fair.filter((made) => made === symbol)).toHaveLength(9)
  for (let byte = 234; byte < 256; byte++)
    expect(() => pairingCodeFrom(new Uint8Array(99).fill(byte))).toThrow(RangeError)
})
