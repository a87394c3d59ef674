/** Which routes are about runners and pairing? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { Capabilities } from '../wire/messages.ts'
import { routeTable } from './route.ts'

export const RunnerView = z.strictObject({
  id: z.string(),
  name: z.string(),
  pool: z.string(),
  online: z.boolean(),
  draining: z.boolean(),
  lastSeen: Millis.nullable(),
  pairedAt: Millis,
  pairedBy: z.string(),
  words: z.array(z.string()),
  capabilities: Capabilities,
  /** How its calls come now; what it would like stands in its capabilities. */
  transport: Capabilities.shape.transport,
  repositories: z.array(z.string()),
  /** The admin who let agents work here though nothing walls them off from the machine; null: nobody did. */
  noWall: z.strictObject({ by: z.string(), at: Millis }).nullable(),
  /** Two programs use the key of this runner: what was seen, and when. Null: none, or an admin has looked after it. */
  doubled: z.strictObject({ at: Millis, why: z.string() }).nullable(),
  busy: z.array(z.strictObject({ run: z.string(), number: z.int(), step: z.string(), since: Millis })),
})
export const PairingView = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  pool: z.string().nullable(),
  words: z.array(z.string()),
  address: z.string(),
  capabilities: Capabilities,
  expiresAt: Millis,
})

export const poolName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a pool is lower-case letters, digits, - and _')

export const runnerRoutes = routeTable({
  runners: {
    method: 'GET',
    path: '/api/runners',
    access: 'signed-in',
    summary: 'Runners, pools and slots',
    answer: z.strictObject({
      runners: z.array(RunnerView),
      pools: z.array(z.strictObject({ name: z.string(), runners: z.int(), slots: z.int(), free: z.int() })),
    }),
  },
  findPairing: {
    method: 'POST',
    path: '/api/pairings/lookup',
    access: 'admin',
    summary: 'Find a waiting pairing by its code',
    body: z.strictObject({ code: z.string().max(40) }),
    answer: PairingView,
  },
  decidePairing: {
    method: 'POST',
    path: '/api/pairings/:pairing/decision',
    access: 'admin',
    summary: 'Approve or refuse a pairing',
    params: z.strictObject({ pairing: z.string() }),
    body: z.discriminatedUnion('verdict', [
      z.strictObject({
        verdict: z.literal('approve'),
        name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
        pool: poolName,
        repositories: z.array(z.string()).max(1_000),
        words: z.array(z.string()).length(3),
        /** Agents may work there though nothing walls them off from the machine (isolation level none). */
        acceptNoWall: z.boolean().optional(),
      }),
      z.strictObject({ verdict: z.literal('refuse') }),
    ]),
    answer: z.strictObject({ runner: z.string().nullable() }),
  },
  changeRunner: {
    method: 'PUT',
    path: '/api/runners/:runner',
    access: 'admin',
    summary:
      'Change which repositories it may use, in which pool it works, whether agents work there without a wall, or say that its alarm was looked after',
    params: z.strictObject({ runner: z.string() }),
    body: z.strictObject({
      /** All that it may use from now on; none: it gets no work. */
      repositories: z.array(z.string()).max(1_000).optional(),
      pool: poolName.optional(),
      /** true: agents may work there though nothing walls them off from the machine; false: no longer. */
      acceptNoWall: z.boolean().optional(),
      /** The alarm about its key was looked after. */
      lookedAfter: z.literal(true).optional(),
    }),
    answer: RunnerView,
  },
  drainRunner: {
    method: 'POST',
    path: '/api/runners/:runner/drain',
    access: 'admin',
    summary: 'No new work; finish what runs',
    params: z.strictObject({ runner: z.string() }),
    body: z.strictObject({ drain: z.boolean() }),
    answer: 'none',
  },
  removeRunner: {
    method: 'DELETE',
    path: '/api/runners/:runner',
    access: 'admin',
    summary: 'Remove a runner; its next call is refused',
    params: z.strictObject({ runner: z.string() }),
    answer: 'none',
  },
  status: {
    method: 'GET',
    path: '/api/status',
    access: 'signed-in',
    summary: 'Counts for the frame: inbox, runs, runners online, free slots',
    answer: z.strictObject({
      inbox: z.int(),
      running: z.int(),
      workflows: z.int(),
      runnersOnline: z.int(),
      slots: z.int(),
      slotsFree: z.int(),
      at: Millis,
    }),
  },
})
