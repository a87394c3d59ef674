/** How is a long backtest asked for and told piece by piece? Each piece is one answer of the API; what was found in them is joined and played as one. */
import type { z } from 'zod'
import { joined, toldBacktest } from '../match/told-backtest.ts'
import type { BacktestView } from './backtest.ts'

type View = z.infer<typeof BacktestView>
type Ask = (piece: { source: string; limit: number; before: string | null; piece: true }) => Promise<View>

const pieceOf = 2_500

/**
 * The last `limit` events in pieces, newest first. `told` hears after each piece what is known so far; it answers false to leave it at that. A start is held back
 * by what began before it, so what is told of the newest changes while older ones come.
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
      piece: true,
    })
    whole = whole === null ? piece : added(whole, piece)
    if (whole.older === null || whole.events >= limit || !told(shown(whole))) return shown(whole)
  }
}

/** Nobody who reads it needs what it was told from. */
const shown = (whole: View): View => ({ ...whole, piece: null })

const added = (whole: View, next: View): View => {
  if (whole.piece === null || next.piece === null) throw new Error('a piece of a backtest came without what was found')
  const found = joined(whole.piece.found, next.piece.found)
  const { until } = whole.piece
  const { missedBy, rows, asked, assumed, ...rest } = toldBacktest(found, { lasts: next.assumed.lasts, until })
  return {
    ...whole,
    ...rest,
    missedBy: [...missedBy],
    rows: [...rows],
    asked: [...asked],
    assumed: { ...assumed, runs: next.assumed.runs },
    since: next.since ?? whole.since,
    // What a run costs was measured anew; the last measure is of the same runs or of more.
    spend: next.spend && { ...next.spend, projectedUsd: next.spend.medianUsd * rest.draft.starts },
    older: next.older,
    piece: { found: found as NonNullable<View['piece']>['found'], until },
  }
}
