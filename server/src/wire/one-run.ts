/** What of the one run that an ephemeral runner keeps to: has it ended, and who has it when that runner goes? */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { inWorkspace } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import type { KnownRunner, WireContext } from './context.ts'

type Run = { readonly context: WireContext; readonly known: KnownRunner; readonly run: string }

/** Why no work of this run comes any more, or null: it has ended, or another runner has it. */
export const whyNoMore = ({ context, known, run }: Run): Promise<Refusal | null> =>
  inWorkspace(context.db, known.workspace, async (tx) => {
    const state = await loadRun(tx, run)
    // Of others' runs it is told nothing, not even that there are any.
    if (!state || (state.runner !== null && state.runner !== known.runner)) return refuse('lease_gone')
    return state.finished ? refuse('run_finished', { outcome: state.finished.outcome }) : null
  })

/** The runner goes: its run is for any runner of the pool again. What it holds is lost when its lease ends. */
export const leaveRun = ({ context, known, run }: Run): Promise<null> =>
  repeatedly(() =>
    inWorkspace(context.db, known.workspace, async (tx) => {
      const state = await loadRun(tx, run)
      if (!state || state.finished || state.runner !== known.runner || state.spec.bodies !== 'stored') return null
      const { rows } = await tx.query<{ name: string }>(
        'select name from vp.runners where workspace = $1 and runner = $2',
        [tx.workspace, known.runner],
      )
      const by = { kind: 'runner', id: known.runner, name: rows[0]?.name ?? known.runner } as const
      await actIn(tx, [{ run, command: { do: 'move', by, to: null } }])
      return null
    }),
  )
