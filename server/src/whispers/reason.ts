/**
 * Why did what somebody asked for begin nothing, in one word?
 * It is what whoever asked may be told: no workflow's name, no condition and no person is in it.
 */
import type { MatchReport } from '@viewportai/core/match/match'

/**
 * `unlinked`, `not_allowed`: all of some workflow fits but who asked; nobody knows whose account it is, or they may not. `no_fit`: nothing fits, whoever asks.
 * `refused`: something fits and is not set up. `full`: as many go on as may. `rests`: a breaker tripped. `waits`: for its turn.
 */
export const reasons = ['unlinked', 'not_allowed', 'no_fit', 'refused', 'full', 'rests', 'waits'] as const
export type Reason = (typeof reasons)[number]

/** What came of one workflow that fitted: of `Started` in deliveries/start.ts. */
type Came = 'started' | 'rests' | 'same' | 'queued' | 'dropped' | 'skipped' | 'refused'

/** Null: something began, or it is told of another event that did. `states`: what came of each workflow that fitted. */
export const reasonOf = (
  { answers, actor }: Pick<MatchReport, 'answers' | 'actor'>,
  states: readonly Came[],
): Reason | null => {
  const has = (state: Came): boolean => states.includes(state)
  if (has('started')) return null
  if (has('queued')) return 'waits'
  if (has('refused')) return 'refused'
  if (has('rests')) return 'rests'
  if (has('skipped')) return 'full'
  if (states.length > 0) return null
  const fits = answers.some(({ rows }) => rows.every((row) => row.pass || row.about === 'actor'))
  return !fits ? 'no_fit' : actor.person === null ? 'unlinked' : 'not_allowed'
}
