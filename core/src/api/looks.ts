/** Which routes are about looking at a repository before any work on it? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { Found } from '../try/looked.ts'
import { LookFailure } from '../wire/look.ts'
import { routeTable } from './route.ts'

/**
 * How a look goes. `asked`: the runner has not heard of it; `looking`; `looked` and `failed`: it has said how it ended. The others are seen from
 * here: `away` (the runner is not online), `too_old` (its vpd does not know how to look), `silent` (it began, and says nothing any more).
 */
export const LookState = z.enum(['asked', 'looking', 'looked', 'failed', 'away', 'too_old', 'silent'])
export const LookView = z.strictObject({
  id: z.string(),
  runner: z.strictObject({ id: z.string(), name: z.string(), pool: z.string() }),
  url: z.string(),
  /** null: the default of the remote. */
  branch: z.string().nullable(),
  state: LookState,
  /** What it does now, in its own words. */
  now: z.string().nullable(),
  askedAt: Millis,
  /** From then on it is forgotten. */
  expiresAt: Millis,
  found: Found.nullable(),
  failure: LookFailure.nullable(),
})

export const lookRoutes = routeTable({
  askLook: {
    method: 'POST',
    path: '/api/looks',
    access: 'admin',
    summary:
      'Ask a runner what work on a repository would use there; one that it looks at for this workspace already is left',
    body: z.strictObject({
      runner: z.string().max(80),
      /** https:// or file:// (a folder on the machine of the runner). It need not be a repository of the workspace yet. */
      url: z.string().max(2_000),
      branch: z.string().min(1).max(250).nullable().default(null),
    }),
    answer: LookView,
    status: 201,
  },
  look: {
    method: 'GET',
    path: '/api/looks/:look',
    access: 'admin',
    summary: 'How a look goes, or what it found; for an hour',
    params: z.strictObject({ look: z.string() }),
    answer: LookView,
  },
})
