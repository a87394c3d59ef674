/** Which routes are about gates and decisions? */
import { z } from 'zod'
import { Sha256 } from '../ids.ts'
import { GateCard, GateItem } from '../view/shapes.ts'
import { routeTable } from './route.ts'

const gate = z.strictObject({ gate: z.string() })
/** What waits for somebody is counted up to here: a total of this many means "that many and more". */
export const countedUpTo = 500
/** A decision carries the digest the person saw, computed from the bytes that were shown. */
export const DecisionBody = z.strictObject({
  verdict: z.enum(['approve', 'request_changes', 'reject', 'answer']),
  digest: Sha256,
  comment: z.string().max(20_000).nullable().default(null),
  lines: z
    .array(
      z.strictObject({
        path: z.string().max(4_096),
        line: z.int().positive(),
        side: z.enum(['old', 'new']),
        text: z.string().min(1).max(5_000),
      }),
    )
    .max(200)
    .default([]),
  answer: z
    .strictObject({ choice: z.string(), text: z.string().max(5_000).nullable() })
    .nullable()
    .default(null),
})

export const inboxRoutes = routeTable({
  inbox: {
    method: 'GET',
    path: '/api/inbox',
    access: 'signed-in',
    summary: 'Open gates you may decide, and what you decided today',
    query: z.strictObject({
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    answer: z.strictObject({
      open: z.array(GateItem),
      total: z.int(),
      decided: z.array(GateItem),
      older: z.string().nullable(),
    }),
  },
  gate: {
    method: 'GET',
    path: '/api/gates/:gate',
    access: 'signed-in',
    summary: 'One gate with all that its card shows',
    params: gate,
    answer: GateCard,
  },
  decide: {
    method: 'POST',
    path: '/api/gates/:gate/decisions',
    access: 'signed-in',
    summary: 'Decide',
    params: gate,
    body: DecisionBody,
    answer: z.strictObject({
      gate: z.string(),
      state: z.enum(['open', 'closed']),
      outcome: z.string().nullable(),
      votesNeeded: z.int(),
      /** too few people may give the votes that are needed: what would help */
      lack: z.string().nullable(),
      next: z.string().nullable(),
    }),
    status: 201,
  },
  withdraw: {
    method: 'DELETE',
    path: '/api/gates/:gate/decisions/mine',
    access: 'signed-in',
    summary: 'Withdraw my vote, until the effect begins',
    params: gate,
    answer: 'none',
  },
})
