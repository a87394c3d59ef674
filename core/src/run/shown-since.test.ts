import { expect, test } from 'vitest'
import { shownSince } from './shown-since.ts'
import type { GateState, RunState, VoteState } from './state.ts'

const vote = (seq: number, verdict: VoteState['verdict'] = 'approve') => ({ seq, at: seq * 10, verdict }) as VoteState
const gate = (openedAt: number, closedAt: number, votes: VoteState[]) => ({ openedAt, closedAt, votes }) as GateState
const run = (gates: Record<string, GateState>) => ({ gates }) as Pick<RunState, 'gates'>

test('what was approved may have been shown since its gate opened, or since the one did from which an approval is kept', () => {
  const gates = run({
    first: gate(100, 200, [vote(11), vote(12, 'reject')]),
    kept: gate(300, 400, [vote(11), vote(31)]),
    other: gate(20, 50, [vote(3)]),
    alone: gate(500, 600, [vote(51)]),
  })
  expect(shownSince(gates, 'kept')).toEqual({ shown: 100, voted: 110 })
  expect(shownSince(gates, 'alone')).toEqual({ shown: 500, voted: 510 })
  expect([shownSince(gates, null), shownSince(gates, 'gone')]).toEqual([null, null])
})
