/**
 * What does a runner bring back from an errand?
 * Only the runner that was sent may say it, once and in time: all others are told that there is no such errand. What follows from it
 * happens in the transaction that takes it.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { ErrandReport } from '@viewportai/core/wire/errand'
import { isAway } from '../database/away.ts'
import { inWorkspace } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { statusKept } from '../status/kept-by-runner.ts'
import { sightTold } from '../watches/told-by-runner.ts'
import type { KnownRunner, WireContext } from '../wire/context.ts'
import type { TakenErrand } from './taken.ts'

const take = {
  name: 'errand take',
  text: `delete from vp.errands e using vp.runners r where e.workspace = $1 and e.errand = $2 and e.runner = $3 and e.expires_at > vp.now_ms() and r.workspace = $1 and r.runner = e.runner
    returning e.what, e.run, e.connection, e.about, e.given_at as "givenAt", e.runner, r.name`,
}

/** `POST /wire/errands/:errand`. Null: taken. */
export const takeErrand = async (
  { db, log }: Pick<WireContext, 'db' | 'log'>,
  { workspace, runner }: KnownRunner,
  errand: string,
  report: ErrandReport,
): Promise<Refusal | null> => {
  const once = (what: (taken: TakenErrand) => ErrandReport): Promise<Refusal | null> =>
    repeatedly(() =>
      inWorkspace(db, workspace, async (tx) => {
        const taken = (await tx.query<TakenErrand>(take, [tx.workspace, errand, runner])).rows[0]
        if (!taken) return refuse('not_found', { what: 'errand', id: errand })
        const said = what(taken)
        await (taken.what === 'sight' ? sightTold(tx, taken, said) : statusKept(tx, taken, said))
        return null
      }),
    )
  try {
    return await once(() => report)
  } catch (error) {
    if (isAway(error)) throw error
    // Told again it would break off again: it counts as an answer that could not be read, and is asked for anew later.
    log.error({ err: error, errand, runner }, 'What a runner brought back could not be taken.')
    return once(() => ({
      is: 'failed',
      code: 'answer_unusable',
      summary: 'What the runner brought back could not be taken; the log of the control plane says why.',
      check: 'Report it when it stays so.',
    }))
  }
}
