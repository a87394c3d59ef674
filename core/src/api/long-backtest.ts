/** How is a long backtest asked for and told piece by piece? Each piece is one answer of the API; together they are one. */
import type { z } from 'zod'
import { joined } from '../match/backtest.ts'
import type { BacktestView } from './deliveries.ts'

type View = z.infer<typeof BacktestView>
type Ask = (piece: { source: string; limit: number; before: string | null }) => Promise<View>

/** What a backtest does not play, so that its starts and what they would have cost are at most so many. */
export const notPlayed =
  'Starts that `concurrency` or `breaker` would have held back are counted all the same, and the question about outside text is not among those asked: what is told is at most so much.'

const pieceOf = 2_500

/**
 * The last `limit` events in pieces, newest first. `told` hears after each piece what is known so far; it answers false to leave it at that.
 */
export const longBacktest = async (
  ask: Ask,
  { source, limit }: { source: string; limit: number },
  told: (sofar: View) => boolean,
): Promise<View> => {
  let whole: View | null = null
  for (;;) {
    const piece: View = await ask({
      source,
      limit: Math.min(pieceOf, limit - (whole?.events ?? 0)),
      before: whole?.older ?? null,
    })
    whole = whole === null ? piece : added(whole, piece)
    if (whole.older === null || whole.events >= limit || !told(whole)) return whole
  }
}

/** Who is asked in several pieces, each gate with its approvers once. */
export const askedTogether = (all: View['asked']): View['asked'] => {
  const together = new Map<string, View['asked'][number]>()
  for (const one of all) {
    const key = JSON.stringify([one.gate, one.approvers])
    together.set(key, { ...one, times: one.times + (together.get(key)?.times ?? 0) })
  }
  return [...together.values()]
}

const added = (whole: View, piece: View): View => {
  const { missedBy, rows, ...sums } = joined(whole, piece)
  return {
    ...whole,
    ...sums,
    missedBy: [...missedBy],
    rows: [...rows],
    since: piece.since ?? whole.since,
    asked: askedTogether([...whole.asked, ...piece.asked]),
    // What a run costs was measured anew; the last measure is of the same runs or of more.
    spend: piece.spend && { ...piece.spend, projectedUsd: piece.spend.medianUsd * sums.draft.starts },
    older: piece.older,
  }
}
