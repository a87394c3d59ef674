/** How is a change that was opened in Viewport merged or closed by a person? */
import type { z } from 'zod'
import type { ChangeView } from '@viewportai/core/api/runs'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Via } from '@viewportai/core/run/facts'
import type { ReviewLine } from '@viewportai/core/run/pull-seen'
import type { RunState } from '@viewportai/core/run/state'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { deciderOf } from '../gates/decider.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { changeView } from './change-view.ts'

const stateOf = async (tx: Tx, change: string): Promise<RunState | Refusal> => {
  const { rows } = await tx.query<{ run: string }>('select run from vp.changes where workspace = $1 and change = $2', [
    tx.workspace,
    change,
  ])
  return (rows[0] ? await loadRun(tx, rows[0].run) : null) ?? refuse('not_found', { what: 'change', id: change })
}

export const readChange = async (tx: Tx, change: string): Promise<z.infer<typeof ChangeView> | Refusal> => {
  const state = await stateOf(tx, change)
  return isRefusal(state) ? state : (changeView(state) ?? refuse('not_found', { what: 'change', id: change }))
}

/** Asks a runner to merge exactly what was seen. Who may is decided now, from ids. */
export const mergeChange = (
  db: Database,
  asker: Asker,
  via: z.infer<typeof Via>,
  change: string,
  digest: string,
): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const state = await stateOf(tx, change)
      if (isRefusal(state)) return state
      const person = await deciderOf(tx, asker, state.run, true)
      return (await actIn(tx, [{ run: state.run, command: { do: 'merge', change, digest, person, via } }]))[0]!.refusal
    }),
  )

/** Sends exactly what was seen back to the step that made it, with what this person says. */
export const reviewChange = (
  db: Database,
  asker: Asker,
  change: string,
  said: { digest: string; comment: string | null; lines: z.infer<typeof ReviewLine>[] },
): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const state = await stateOf(tx, change)
      if (isRefusal(state)) return state
      const person = await deciderOf(tx, asker, state.run, true)
      return (await actIn(tx, [{ run: state.run, command: { do: 'review', change, person, ...said } }]))[0]!.refusal
    }),
  )

/** Closes a change without merging: whoever asked for the run, its approvers, its team, or an admin. */
export const abandonChange = (db: Database, asker: Asker, change: string, why: string): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const state = await stateOf(tx, change)
      if (isRefusal(state)) return state
      const { principals } = await deciderOf(tx, asker, state.run, true)
      const { team } = state.spec.workflow.compiled
      const allowed = [
        ...Object.values(state.gates).flatMap((gate) => gate.approvers),
        ...(team ? [`team:${team}`] : []),
        'role:admin',
      ]
      const may =
        state.spec.requester.person === asker.person || allowed.some((principal) => principals.includes(principal))
      if (!may)
        return refuse('not_allowed', {
          who: `@${asker.handle}`,
          why: 'a change is closed by whoever asked for it, its approvers or an admin',
        })
      return (await actIn(tx, [{ run: state.run, command: { do: 'abandon', change, by: asPerson(asker), why } }]))[0]!
        .refusal
    }),
  )
