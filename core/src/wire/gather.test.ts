import { expect, it } from 'vitest'
import { gathering } from './gather.ts'

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all)

it('gives what came, in order, whatever the pieces', () => {
  for (const size of [1, 2, 7, 1_023, 1_024, 1_025, 5_000]) {
    const all = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 31) % 251)
    const gathered = gathering(5_000)
    for (let at = 0; at < all.length; at += size) expect(gathered.take(all.subarray(at, at + size))).toBe(true)
    expect(gathered.length()).toBe(5_000)
    expect(gathered.whole()).toEqual(all)
  }
})

it('copies: what a piece was read into may be used again', () => {
  const slab = bytes(1, 2, 3, 4)
  const gathered = gathering(10)
  gathered.take(slab.subarray(1, 3))
  slab.fill(9)
  expect(gathered.whole()).toEqual(bytes(2, 3))
})

it('begins anew once it was taken out, and gives nobody the same memory twice', () => {
  const gathered = gathering(10)
  gathered.take(bytes(1, 2, 3))
  const first = gathered.whole()
  expect([gathered.length(), gathered.whole().length]).toEqual([0, 0])
  gathered.take(bytes(7, 8, 9))
  expect([first, gathered.whole()]).toEqual([bytes(1, 2, 3), bytes(7, 8, 9)])
})

it('takes exactly what may come; one more byte lets all go, and nothing comes in again', () => {
  const gathered = gathering(4)
  expect([gathered.take(bytes(1, 2)), gathered.take(bytes(3, 4))]).toEqual([true, true])
  expect(gathered.take(bytes())).toBe(true)
  expect([gathered.take(bytes(5)), gathered.take(bytes()), gathered.take(bytes(6))]).toEqual([false, false, false])
  expect([gathered.length(), gathered.whole().length]).toEqual([0, 0])
})

it('a million pieces of one byte cost what they hold, and what is kept has no empty room beside it', () => {
  const gathered = gathering(2_000_000)
  const slabs = Array.from({ length: 100 }, () => new Uint8Array(65_536))
  for (let n = 0; n < 1_100_000; n++) gathered.take(slabs[n % 100]!.subarray(n % 65_536, (n % 65_536) + 1))
  const whole = gathered.whole()
  expect(whole.length).toBe(1_100_000)
  expect(whole.buffer.byteLength).toBeLessThan(1_300_000)
})

it('reads a character that is cut in two, what is no UTF-8, and a byte order mark', () => {
  const gathered = gathering(100)
  for (const byte of new Uint8Array(Buffer.from('\ufeff€ä'))) gathered.take(bytes(byte))
  gathered.take(bytes(0xff))
  for (const _ of [1, 2]) expect(gathered.text()).toBe('\ufeff€ä\ufffd')
})
