import { expect, test } from 'vitest'
import { around } from './same-moment.ts'

const share = (a: number, b: number): boolean =>
  around('x', a, 60_000).some((name) => around('x', b, 60_000).includes(name))

test('times within the limit share a name wherever a window begins; times twice as far apart never do', () => {
  for (let at = 1_764_410_000_000; at < 1_764_410_240_000; at += 7_001)
    for (const apart of [0, 1, 30_000, 60_000]) {
      expect(share(at, at + apart)).toBe(true)
      expect(share(at, at + 120_000 + apart)).toBe(false)
    }
})
test('what happened is a part of the name', () => expect(around('a', 1, 10)).not.toEqual(around('b', 1, 10)))
