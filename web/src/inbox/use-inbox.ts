/** The inbox as this page shows it: an order that stays, and how many new items wait. */
import { useQuery } from '@tanstack/react-query'
import type { GateItem } from '@viewportai/core/view/shapes'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { renew, settle, type HeldList } from './held-list.ts'

const idOf = (item: GateItem): string => item.gate

export const useInbox = () => {
  const answer = useQuery(questions.inbox())
  const [held, setHeld] = useState<HeldList<GateItem> | null>(null)
  const incoming = answer.data ? [...answer.data.open, ...answer.data.decided] : []
  const settled = settle(
    held,
    incoming.filter((item) => item.state === 'open' || held?.order.includes(item.gate)),
    idOf,
  )
  // The first answer with something in it fixes the order.
  if (answer.data && answer.data.open.length > 0 && (held === null || held.order.length === 0))
    setHeld(renew(answer.data.open, idOf))
  const rows = settled.held.order.flatMap((gate) => settled.held.known.get(gate) ?? [])
  const shown = new Set(settled.held.order)
  return {
    answer,
    open: rows.filter((item) => item.holdsRun),
    later: rows.filter((item) => !item.holdsRun),
    decided: answer.data?.decided.filter((item) => !shown.has(item.gate)) ?? [],
    total: answer.data?.total ?? 0,
    fresh: settled.fresh,
    showFresh: () => answer.data && setHeld(renew(answer.data.open, idOf)),
    /** Everything one can walk through with the keys, in order. */
    walk: [
      ...rows.filter((item) => item.holdsRun),
      ...rows.filter((item) => !item.holdsRun),
      ...(answer.data?.decided.filter((item) => !shown.has(item.gate)) ?? []),
    ],
  }
}
