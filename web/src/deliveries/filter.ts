/** What is the list of deliveries narrowed by? It stands in the address, so that a list can be sent to somebody else. */
import type { CallOf } from '@viewportai/core/api/client'
import { deliveryOutcomes, type DeliveryOutcome } from '@viewportai/core/api/deliveries'
import { z } from 'zod'

export const spans = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const
const text = z.coerce.string().optional()
const day = z.iso.date().optional().catch(undefined)

/** What an address may hold; what it may not is left out, so that an old link still opens. */
export const deliveryFilter = z.object({
  q: text,
  tool: text,
  event: text,
  from: text,
  outcome: z.enum(deliveryOutcomes).optional().catch(undefined),
  actor: text,
  workflow: text,
  span: z.enum(['1h', '24h', '7d', '30d']).optional().catch(undefined),
  /** Days, as `2026-11-29`, both included; of the reader's own clock. */
  first: day,
  last: day,
})
export type DeliveryFilter = z.infer<typeof deliveryFilter>

/** How each outcome is said. */
export const outcomeWords: Readonly<Record<DeliveryOutcome, string>> = {
  started: 'started work',
  nearly: 'near miss',
  no_match: 'no match',
  ignored: 'ignored',
  refused: 'refused',
  set_aside: 'set aside',
  duplicate: 'duplicate',
  arriving: 'being read',
}

/** The question to the API. `now`: of the server's clock; a span moves with it, minute by minute. */
export const asked = (filter: DeliveryFilter, now: number): NonNullable<CallOf<'deliveries'>['query']> => {
  const { span, first, last, ...same } = filter
  const minute = Math.floor(now / 60_000) * 60_000
  return {
    ...Object.fromEntries(Object.entries(same).filter(([, value]) => value)),
    ...(span && { since: minute - spans[span] }),
    ...(first && { since: startOf(first) }),
    ...(last && { until: startOf(last) + 86_400_000 }),
  }
}

const startOf = (date: string): number => new Date(`${date}T00:00:00`).getTime()

/** Is anything narrowed? */
export const isNarrowed = (filter: DeliveryFilter): boolean => Object.values(filter).some(Boolean)
