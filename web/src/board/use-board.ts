/**
 * The board as this page shows it. While someone walks through the rows groups and order stay and news waits;
 * states and chips of rows are always up to date.
 */
import { useQuery } from '@tanstack/react-query'
import type { BoardRow } from '@viewportai/core/view/shapes'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { renew, settle, type HeldList } from '../inbox/held-list.ts'

/** A row's place: it moves when its group changes. */
const placeOf = (row: BoardRow): string => `${row.group} ${row.run}`

export const useBoard = (walking: boolean) => {
  const answer = useQuery(questions.board())
  const [held, setHeld] = useState<HeldList<BoardRow> | null>(null)
  const incoming = answer.data?.rows ?? []
  if (!walking || held === null || held.order.length === 0) {
    const order = incoming.map(placeOf)
    if (answer.data && (held === null || order.join() !== held.order.join())) setHeld(renew(incoming, placeOf))
  }
  const settled = settle(walking ? held : null, incoming, placeOf)
  const newest = new Map(incoming.map((row) => [row.run, row]))
  const rows = settled.held.order.flatMap((place) => {
    const known = settled.held.known.get(place)
    const now = known && (newest.get(known.run) ?? known)
    return known && now ? [{ ...now, group: known.group }] : []
  })
  return { answer, rows, fresh: settled.fresh, showFresh: () => answer.data && setHeld(renew(incoming, placeOf)) }
}
