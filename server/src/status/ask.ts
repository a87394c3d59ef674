/**
 * What may be decided in the message that says how a run goes?
 * A short action in the words of the workflow and of what started it stands in it whole, with its buttons. What an agent wrote does not: in the thread an
 * audience would read it before anybody approved. Where it can be shown whole to one person, a button shows it to whoever may decide, and to nobody else.
 * Plans and changes are opened in the inbox.
 */
import { stepSpec, type GateState, type RunState } from '@viewportai/core/run/state'
import { toldBy } from '@viewportai/core/workflow/told-steps'
import type { StatusAsk } from '@viewportai/core/tools/port'
import { wholeOf } from './whole.ts'

/** The gate that the run waits at, when it may be decided here; `nonce`: it is taken once. */
export const askOf = (state: RunState, nonce: string): StatusAsk | null => {
  if (state.finished || state.cancelling) return null
  const gate = Object.values(state.gates).find((one) => one.state === 'open')
  const whole = gate ? wholeOf(gate.subject) : null
  if (!gate || whole === null) return null
  const value = (does: Press['does']): string => valueOf({ does, gate: gate.id, digest: gate.digest, nonce })
  return isOwnWords(state, gate)
    ? { whole, approve: value('approve'), reject: value('reject') }
    : { show: value('show') }
}

/** Is it an action without a word of an agent? */
const isOwnWords = (state: RunState, { subject, gateStep }: GateState): boolean => {
  const asks = gateStep === null ? undefined : stepSpec(state, gateStep)
  const acts = asks?.kind === 'gate' ? stepSpec(state, asks.of) : undefined
  return subject.kind === 'action' && acts?.kind === 'action' && toldBy(acts).size === 0
}

/** What a button of ours asks for. `show`: the gate, to whoever pressed it; `decide`: what they chose there. */
export type Press = {
  readonly does: 'approve' | 'reject' | 'show' | 'decide'
  readonly gate: string
  readonly digest: string
  readonly nonce: string
}

/** What a button carries. */
export const valueOf = ({ does, gate, digest, nonce }: Press): string => `${does} ${gate} ${digest} ${nonce}`

/** What a button carried, or null: it is none of ours. */
export const readValue = (value: string): Press | null => {
  const found = /^(approve|reject|show|decide) (gate_[0-9a-z-]{1,80}) ([0-9a-f]{64}) ([0-9a-f]{32})$/.exec(value)
  if (!found) return null
  const [, does, gate, digest, nonce] = found
  return { does: does as Press['does'], gate: gate!, digest: digest!, nonce: nonce! }
}
