/**
 * Which gate is shown to somebody who pressed *Decide here*, and what may they choose?
 * Only to whoever may decide it at this moment, by id, and only whole. To everybody else it says why not, and not a word of the gate.
 */
import type { Subject } from '@viewportai/core/gate/subject'
import { mayNot } from '@viewportai/core/run/decide-gate'
import { verbOf } from '@viewportai/core/view/gate-item'
import type { Tx } from '../database/tenant.ts'
import { runOfGate } from '../gates/card.ts'
import { deciderOf } from '../gates/decider.ts'
import { loadRun } from '../ledger/read.ts'
import type { Dialog } from '../tools/port.ts'
import { valueOf, type Press } from './ask.ts'
import { wholeOf } from './whole.ts'

/** The dialog, or words. `base`: address of this Viewport. */
export const dialogFor = async (
  tx: Tx,
  person: { readonly person: string; readonly name: string },
  asked: Press,
  base: string,
): Promise<Dialog | string> => {
  const run = await runOfGate(tx, asked.gate)
  const state = run === null ? null : await loadRun(tx, run)
  const gate = state?.gates[asked.gate]
  if (!state || !gate || gate.state !== 'open' || gate.digest !== asked.digest)
    return 'Nothing is shown: this was decided or has changed since. Open it in the inbox.'
  const no = mayNot(state, gate, await deciderOf(tx, person, state.run))
  if (no) return `Nothing is shown: ${no.words} ${no.next}`
  if (gate.votes.some((vote) => vote.person === person.person)) return 'Nothing is shown: you have voted.'
  const whole = wholeOf(gate.subject)
  if (whole === null) return 'Nothing is shown: it cannot be shown whole here. Open it in the inbox.'
  return {
    verb: verbOf(state, gate),
    whole,
    choices: choicesOf(gate.subject),
    value: valueOf({ ...asked, does: 'decide' }),
    page: `${state.spec.address ?? base}/inbox/${gate.id}`,
  }
}

const choicesOf = (subject: Subject): Dialog['choices'] =>
  subject.kind === 'question'
    ? subject.choices.map(({ id, label, text }) => ({
        id: `answer:${id}`,
        label: text === 'required' ? `${label} (say it below)` : label,
      }))
    : [
        { id: 'approve', label: 'Approve' },
        // An action is what its workflow says: nobody could change it.
        ...(subject.kind === 'action' ? [] : [{ id: 'request_changes', label: 'Ask for changes (say which below)' }]),
        { id: 'reject', label: 'Reject' },
      ]
