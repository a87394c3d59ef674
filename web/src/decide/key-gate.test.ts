import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deadMillis, KeyGate, type Press } from './key-gate.ts'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  inField: false,
  ...more,
})
const later = deadMillis + 1

test('a fresh press decides', () => expect(new KeyGate().press(press('a'), 0)).toBe(true))

test.each([
  ['a repeated press', { repeat: true }],
  ['a press in a field', { inField: true }],
  ['with control', { ctrlKey: true }],
  ['with command', { metaKey: true }],
  ['with alt', { altKey: true }],
])('%s does not', (_, more) => expect(new KeyGate().press(press('a', more), 0)).toBe(false))

describe('after the item changed', () => {
  test(`nothing counts for ${deadMillis} ms`, () => {
    const gate = new KeyGate()
    gate.itemChanged(1_000)
    expect(gate.press(press('a'), 1_000 + deadMillis - 1)).toBe(false)
    expect(gate.click(false, 1_000 + deadMillis - 1)).toBe(false)
    expect(gate.click(false, 1_000 + deadMillis)).toBe(true)
  })
  test('a press that began in the dead time does not count when it is held on', () => {
    const gate = new KeyGate()
    gate.itemChanged(0)
    gate.press(press('a'), 100)
    expect(gate.press(press('a', { repeat: true }), later)).toBe(false)
    expect(gate.press(press('a'), later)).toBe(false)
    gate.release('a')
    expect(gate.press(press('a'), later)).toBe(true)
  })
  test('a key held over from the item before does not count', () => {
    const gate = new KeyGate()
    expect(gate.press(press('a'), 0)).toBe(true)
    gate.itemChanged(10)
    expect(gate.press(press('a'), 10 + later)).toBe(false)
    gate.release('a')
    expect(gate.press(press('a'), 10 + later)).toBe(true)
  })
  test('a held Enter does not click', () => {
    const gate = new KeyGate()
    gate.press(press('Enter'), 0)
    gate.itemChanged(10)
    expect(gate.click(true, 10 + later)).toBe(false)
    expect(gate.click(false, 10 + later)).toBe(true)
    gate.release('Enter')
    expect(gate.click(true, 10 + later)).toBe(true)
  })
  test('a key held while the window was away does not count', () => {
    const gate = new KeyGate()
    gate.press(press('a'), 0)
    gate.blur()
    expect(gate.press(press('a', { repeat: true }), later)).toBe(false)
    gate.release('a')
    expect(gate.press(press('a'), later)).toBe(true)
  })
})

test('whatever happens, a decision needs a fresh press after the item has stood for the dead time', () => {
  const event = fc.oneof(
    fc.record({
      what: fc.constant('press' as const),
      key: fc.constantFrom('a', 'c', 'A'),
      repeat: fc.boolean(),
      wait: fc.nat(300),
    }),
    fc.record({ what: fc.constant('release' as const), key: fc.constantFrom('a', 'c'), wait: fc.nat(300) }),
    fc.record({ what: fc.constant('change' as const), wait: fc.nat(300) }),
    fc.record({ what: fc.constant('blur' as const), wait: fc.nat(300) }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const gate = new KeyGate()
      let now = 0
      let changed = Number.NEGATIVE_INFINITY
      const held = new Set<string>()
      for (const happened of events) {
        now += happened.wait
        if (happened.what === 'change') {
          gate.itemChanged(now)
          changed = now
        } else if (happened.what === 'blur') gate.blur()
        else if (happened.what === 'release') {
          gate.release(happened.key)
          held.delete(happened.key)
        } else {
          const key = happened.key.toLowerCase()
          const decides = gate.press(press(happened.key, { repeat: happened.repeat }), now)
          if (decides) {
            expect(now - changed).toBeGreaterThanOrEqual(deadMillis)
            expect(happened.repeat).toBe(false)
            expect(held.has(key)).toBe(false)
          }
          held.add(key)
        }
      }
    }),
    { numRuns: 5_000 },
  )
})
