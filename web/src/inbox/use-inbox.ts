/** The inbox as this page shows it: an order that stays, and how many new items wait. */
import { useQuery } from '@tanstack/react-query'
import type { GateItem } from '@viewportai/core/view/shapes'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { renew, settle, type HeldList } from './held-list.ts'

const idOf = (item: GateItem): string => item.gate

/** `selected`: the gate that is open. One that was opened by its address or a link brings the list up to date. */
export const useInbox = (selected?: string) => {
  const answer = useQuery(questions.inbox())
  const [held, setHeld] = useState<HeldList<GateItem> | null>(null)
  const incoming = answer.data ? [...answer.data.open, ...answer.data.decided] : []
  const settled = settle(
    held,
    incoming.filter((item) => item.state === 'open' || held?.order.includes(item.gate)),
    idOf,
  )
  // The first answer with something in it fixes the order; so does opening an item that waited behind "new".
  const first = held === null || held.order.length === 0
  const waited =
    selected !== undefined &&
    !settled.held.order.includes(selected) &&
    answer.data?.open.some((item) => item.gate === selected)
  if (answer.data && answer.data.open.length > 0 && (first || waited)) setHeld(renew(answer.data.open, idOf))
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
