/** What a backtest cannot know is said, and nothing where it knows. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { BacktestView } from './backtest.ts'
import { backtestNotes } from './backtest-words.ts'

type View = z.infer<typeof BacktestView>
const counts = {
  starts: 2,
  waits: 0,
  held: 0,
  skipped: 0,
  rests: 0,
  dropped: 0,
  refused: 0,
  duplicate: 0,
  nearMisses: 0,
}
const assumed = { lasts: 0, runs: 0, draft: 0, current: 0, chains: 0, known: 2 }
const told = (over: Partial<View>): string =>
  backtestNotes({ version: 3, draft: counts, current: counts, assumed, older: null, ...over } as View).join(' ')

describe('the notes of a backtest', () => {
  it('say that the breaker counts from the oldest event on where there are older ones, and there alone', () => {
    expect(told({ older: '1790000000000 dlv_1' })).toContain('The breaker counts from the oldest of these events on')
    expect(told({})).not.toContain('The breaker counts')
  })
  it('say that a version in force is played where nothing was kept of what came, and how much of it is known else', () => {
    expect(told({ assumed: { ...assumed, known: 0 } })).toContain('was not kept for version 3: it is played')
    expect(told({})).toContain('Of version 3 it is known what really came of 2 events; the others are played.')
    expect(told({ assumed: { ...assumed, known: 0 }, version: null, current: null })).not.toContain('was not kept')
  })
  it('say nothing where nothing starts', () => {
    const none = { ...counts, starts: 0 }
    expect(told({ draft: none, current: none, older: '1 dlv_1' })).toBe('')
  })
})
