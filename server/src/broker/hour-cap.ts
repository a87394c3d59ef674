/**
 * Was this action done as often in the last hour as it may?
 * Over the whole workspace, its runs and the replicas: counting and taking a place is one step under a lock of the action. An effect is
 * counted once, when it may begin, whatever its attempts. Two caps count: the workspace's, and the workflow's own; what lifts one does not lift the other.
 */
import { actionForm } from '@viewportai/core/action/actions'
import { capOf, isCapped } from '@viewportai/core/action/caps'
import type { Failure } from '@viewportai/core/run/facts'
import type { RunState } from '@viewportai/core/run/state'
import { locks } from '../database/lock.ts'
import type { Tx } from '../database/tenant.ts'
import { readCaps } from '../workspace/choices.ts'

const hour = 3_600_000
const counting = {
  name: 'effects of an hour',
  text: `select exists (select from vp.counted_effects where workspace = $1 and intent = $2) as mine,
    count(*) as all, count(*) filter (where workflow = $4) as own, min(at) as oldest, min(at) filter (where workflow = $4) as "ownOldest", vp.now_ms() as now
    from vp.counted_effects where workspace = $1 and action = $3 and at > vp.now_ms() - ${hour}`,
}
type Counted = { mine: boolean; all: number; own: number; oldest: number | null; ownOldest: number | null; now: number }

/** No place is left. `own`: by the cap that the workflow's own file names, else by the workspace's. */
export type Full = { readonly words: string; readonly own: boolean }

/** Takes a place in the hour for this effect. `Full`: there is none, and when there will be one. Asked again about an effect that has its place it gives null. */
export const hourCapReached = async (
  tx: Tx,
  state: RunState,
  { id, action }: { readonly id: string; readonly action: string },
): Promise<Full | null> => {
  if (!isCapped(action)) return null
  const workflow = state.spec.workflow.id
  await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, ${locks.caps}))`, [`${tx.workspace} ${action}`])
  const most = (await readCaps(tx))[action] ?? actionForm(action)!.perHour
  const ofWorkflow = capOf(state.spec.workflow.compiled, action).hour
  const now = (await tx.query<Counted>(counting, [tx.workspace, id, action, workflow])).rows[0]!
  if (now.mine) return null
  const full =
    now.all >= most
      ? { most, own: false, oldest: now.oldest }
      : ofWorkflow !== null && now.own >= ofWorkflow
        ? { most: ofWorkflow, own: true, oldest: now.ownOldest }
        : null
  if (full === null) {
    await tx.query('insert into vp.counted_effects (workspace, intent, action, workflow) values ($1, $2, $3, $4)', [
      tx.workspace,
      id,
      action,
      workflow,
    ])
    return null
  }
  const minutes = full.oldest === null ? null : Math.max(1, Math.ceil((full.oldest + hour - now.now) / 60_000))
  const of = full.own ? 'by this workflow' : 'in the workspace'
  const words = `${action} may be done ${full.most === 1 ? 'once' : `${full.most} times`} in an hour ${of}, and was${full.most === 0 || minutes === null ? '; it may not be done at all' : `; there is room again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`}.`
  return { words, own: full.own }
}

/** The failure of an effect that found no place in the hour. A run keeps the version it began with, so a higher cap in the file counts for new runs. */
export const capReached = ({ words, own }: Full): Failure => ({
  code: 'cap_reached',
  class: 'policy',
  summary: words,
  check: own
    ? "Try again later, or give it up. The cap stands under `caps` in the workflow's own file, and the workspace's caps do not lift it: a version with a higher one counts for runs that begin after it."
    : 'Try again later, give it up, or have an admin change the cap, under Settings or with `viewport workspace change --cap`.',
  retrySafe: true,
  started: false,
})
