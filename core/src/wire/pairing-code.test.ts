import { expect, test } from 'vitest'
import fc from 'fast-check'
import { codeAlphabet, formatPairingCode, pairingCodeFrom, readPairingCode } from './pairing-code.ts'

test('a code is read back however it is typed', () => {
  for (const typed of ['A4-X91-7QH', 'a4-x91-7qh', 'A4X917QH', ' a4 x91 7qh ', 'A4–X91—7QH', 'A-4-X-9-1-7-Q-H'])
    expect(readPairingCode(typed), typed).toBe('A4X917QH')
  expect(formatPairingCode('A4X917QH')).toBe('A4-X91-7QH')
})

test('a look-alike is read as the symbol that codes hold', () => {
  expect(readPairingCode('A4-X9I-7QH')).toBe('A4X917QH')
  expect(readPairingCode('b4-sz1-gul')).toBe('845216V1')
})

test('what cannot be a code is not one', () => {
  for (const typed of [
    '',
    'A4-X91-7Q',
    'A4-X91-7QHH',
    'A4-X91-7Q0',
    'A4-X91-7QO',
    'A4-X91-7Qß',
    'A4_X91_7QH',
    'A4-X91-7Q\u0000',
    '💥'.repeat(8),
  ])
    expect(readPairingCode(typed), typed).toBeNull()
})

test('every code that is made is read back, and every symbol is used about equally', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (random) => {
      const code = pairingCodeFrom(random)
      expect(readPairingCode(formatPairingCode(code))).toBe(code)
    }),
  )
  const counts = new Map([...codeAlphabet].map((symbol) => [symbol, 0]))
  for (let byte = 0; byte < 256; byte++) {
    const made = new Uint8Array(16).fill(byte)
    try {
      const symbol = pairingCodeFrom(made)[0]!
      counts.set(symbol, counts.get(symbol)! + 1)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
  expect(new Set(counts.values()).size).toBe(1)
})
