import { expect, test, vi } from 'vitest'
import { makePace } from './pace.ts'

test('a first delivery begins almost at once; those of a busy time are gathered; workspaces do not wait for each other', () => {
  vi.useFakeTimers()
  try {
    const begun: [string, number][] = []
    const from = performance.now()
    const pace = makePace((workspace) => begun.push([workspace, Math.round(performance.now() - from)]))
    const asking = setInterval(() => pace.soon('a'), 1)
    vi.advanceTimersByTime(20)
    pace.soon('b')
    vi.advanceTimersByTime(109)
    clearInterval(asking)
    vi.advanceTimersByTime(1_000)
    expect(begun).toEqual([
      ['a', 3],
      ['b', 22],
      ['a', 53],
      ['a', 103],
      ['a', 153], // what came after the last beginning
    ])
    pace.soon('a')
    pace.close()
    vi.advanceTimersByTime(1_000)
    expect(begun).toHaveLength(5)
  } finally {
    vi.useRealTimers()
  }
})
