/**
 * How many wrong tries may one subject make?
 * Counted in the database, so that several replicas count together. Secrets here have 256 random bits: the budget stops noise,
 * and nobody can lock others out, because a right secret always passes.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'

export type Budget = { readonly subject: string; readonly tries: number; readonly windowMillis: number }

const counted = {
  name: 'try counted',
  text: 'select count, until_at, vp.now_ms() as now from vp.try_counted($1, $2, $3)',
}

/** Refuses when the budget is used up; counts nothing. */
export const overBudget = (db: Database, budget: Budget): Promise<Refusal | null> => count(db, budget, 0)

/** Counts one wrong try; gives the refusal when it was one too many. */
export const wrongTry = (db: Database, budget: Budget): Promise<Refusal | null> => count(db, budget, 1)

const count = async (db: Database, { subject, tries, windowMillis }: Budget, add: number): Promise<Refusal | null> => {
  const { rows } = await db.app.query<{ count: number; until_at: number; now: number }>({
    ...counted,
    values: [subject, add, windowMillis],
  })
  const { count: used, until_at, now } = rows[0]!
  return used + (add === 0 ? 1 : 0) > tries
    ? refuse('too_many_tries', { seconds: Math.max(1, Math.ceil((until_at - now) / 1_000)) })
    : null
}
