/** When does the log say that work waits too long? */
import { expect, test } from 'vitest'
import { alarmed } from './upkeep.ts'

test('once when it begins, and once when it is over, with how long it was at most', () => {
  const said: [string, Record<string, unknown>][] = []
  const look = alarmed((words, about) => void said.push([words, about]))
  const load = (oldestMillis: number) => ({ waiting: 3, running: 1, oldestMillis })
  for (const oldest of [0, 4_000, 6_000, 11_000, 28_000, 7_000]) look(load(oldest))
  expect(said).toEqual([['Work waits longer than it should.', load(6_000)]])
  for (const oldest of [200, 0, 0]) look(load(oldest))
  expect(said.slice(1)).toEqual([['Work is taken up in time again.', { ...load(200), longestMillis: 28_000 }]])
  look(load(5_001))
  expect(said).toHaveLength(3)
})
