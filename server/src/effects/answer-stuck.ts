/**
 * How does a person's word about a stuck effect reach its run?
 * While the run goes on it is the answer to the open question, with all rules of gates; after its end it is a fact of its own.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { stuckIntent } from '@viewportai/core/run/stuck-effect'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { decideGate, type Voter } from '../gates/decide.ts'
import { deciderOf } from '../gates/decider.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'

type Said = {
  readonly choice: 'look' | 'again' | 'done' | 'give_up' | 'stop'
  readonly attempt: number
  readonly text: string | null
}
type Given = { intent: string; run: string; state: string; at: number }

/** Stores the answer, or says why not. Twice, or by two people at once, it is one answer and one clear no. */
export const answerStuck = async (
  db: Database,
  voter: Voter,
  id: string,
  { choice, attempt, text }: Said,
): Promise<Given | Refusal> => {
  const named = /^int_([0-9a-z]{1,60})-\d{1,9}$/.exec(id)
  const run = `run_${named?.[1] ?? ''}`
  const state = named && (await inWorkspace(db, voter.workspace, (tx) => loadRun(tx, run)))
  const intent = state && Object.hasOwn(state.intents, id) ? state.intents[id]! : null
  if (!state || !intent) return refuse('not_found', { what: 'effect', id })
  const given = async (): Promise<Given> => {
    const after = (await inWorkspace(db, voter.workspace, (tx) => loadRun(tx, run)))!
    return { intent: id, run, state: after.intents[id]!.state, at: after.lastAt }
  }
  if (state.finished) {
    if (choice !== 'done' && choice !== 'give_up')
      return refuse('answer_required', { choices: 'it is done, or give it up: the run has ended' })
    const refusal = await repeatedly(() =>
      inWorkspace(db, voter.workspace, async (tx) => {
        const person = await deciderOf(tx, voter, run, true)
        const how = choice === 'done' ? ('done' as const) : ('given_up' as const)
        const command = { do: 'settleEffect', intent: id, attempt, how, text: text ?? '', person } as const
        return (await actIn(tx, [{ run, command }]))[0]!.refusal
      }),
    )
    return refusal ?? given()
  }
  const gate = Object.values(state.gates).findLast((one) => stuckIntent(state, one)?.id === id)
  if (!gate || (gate.state === 'open' && intent.attempt !== attempt))
    return refuse('effect_moved', { action: intent.action, state: intent.state, attempt: intent.attempt })
  const decided = await decideGate(db, voter, gate.id, {
    verdict: 'answer',
    digest: gate.digest,
    comment: null,
    lines: [],
    answer: { choice, text },
  })
  return 'refusal' in decided ? decided : given()
}
