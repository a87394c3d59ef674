/**
 * What follows when a runner tells how a pull request stands?
 * The same as from a look of the control plane's own, as the word of this runner: the run itself says what of it counts.
 */
import type { ErrandReport } from '@viewportai/core/wire/errand'
import { notByItsWord } from '@viewportai/core/run/not-by-its-word'
import type { Tx } from '../database/tenant.ts'
import { failureWords } from '../errands/failure-words.ts'
import type { TakenErrand } from '../errands/taken.ts'
import { loadRun } from '../ledger/read.ts'
import { hear, looked, putOff, type Watch } from './hear.ts'
import { openedBy } from './opened-by.ts'

const watched = {
  name: 'watch of run',
  text: 'select state, failures, moved_at from vp.watches where workspace = $1 and run = $2 for update',
}
/** A look is asked for again so soon (ms) at the earliest, whatever a runner says. */
const soonest = 2_000

/** Takes the answer of an errand of the kind `sight`. */
export const sightTold = async (
  tx: Tx,
  { run, connection, givenAt, runner, name }: TakenErrand,
  report: ErrandReport,
): Promise<void> => {
  const row = (await tx.query<Omit<Watch, 'now'>>(watched, [tx.workspace, run])).rows[0]
  if (!row) return // nothing is watched any more
  const watch = { ...row, now: givenAt }
  if (report.is === 'failed') return putOff(tx, run, watch, failureWords(name, report))
  if (report.is !== 'seen') return putOff(tx, run, watch, `${name} brought back something else.`)
  const state = await loadRun(tx, run)
  if (!state?.pull) return
  if (report.seen.ref !== state.pull.ref)
    return putOff(tx, run, watch, `${name} told of another pull request than ${state.pull.ref}.`)
  const by = await openedBy(tx, null, state)
  if ('problem' in by) return putOff(tx, run, watch, by.problem)
  if (!('row' in by) || by.row.connection !== connection)
    return putOff(tx, run, watch, 'The connection was changed while a runner looked; it is looked again.')
  await hear(tx, run, { tool: by.tool, name: by.name, connection: { ...by.row, id: connection } }, report.seen, {
    id: runner,
    name,
  })
  const { problem, againMillis } = report
  await looked(tx, run, {
    state,
    watch,
    problem:
      [notByItsWord(state, { id: runner, name }, report.seen), problem]
        .filter((one) => one !== null)
        .join(' ')
        .slice(0, 500) || null,
    againMillis: againMillis === null ? null : Math.max(soonest, againMillis),
  })
}
