/**
 * What may be decided in the message that says how a run goes?
 * Only a gate on a message to Slack that stands in it whole, in the words of the workflow and of what started it. What an agent wrote, a command, a plan or a
 * change is opened in the inbox: in the thread the audience that the gate guards would read it before anybody approved. The same goes for what is too long,
 * and for text with signs that a reader would not see.
 */
import { bodyIn } from '@viewportai/core/gate/subject'
import { revealed } from '@viewportai/core/policy/hidden'
import { stepSpec, type GateState, type RunState } from '@viewportai/core/run/state'
import { toldBy } from '@viewportai/core/workflow/told-steps'
import type { StatusAsk } from '@viewportai/core/tools/port'

const most = 2_000

/** The gate that the run waits at, when it may be decided here; `nonce`: it is taken once. */
export const askOf = (state: RunState, nonce: string): StatusAsk | null => {
  if (state.finished || state.cancelling) return null
  const gate = Object.values(state.gates).find((one) => one.state === 'open')
  const whole = gate && isOwnWords(state, gate) ? wholeOf(gate) : null
  if (!gate || whole === null) return null
  const value = (verdict: 'approve' | 'reject'): string => `${verdict} ${gate.id} ${gate.digest} ${nonce}`
  return { whole, approve: value('approve'), reject: value('reject') }
}

/** Is it a message to Slack without a word of an agent? */
const isOwnWords = (state: RunState, { subject, gateStep }: GateState): boolean => {
  const asks = gateStep === null ? undefined : stepSpec(state, gateStep)
  const acts = asks?.kind === 'gate' ? stepSpec(state, asks.of) : undefined
  return (
    subject.kind === 'action' &&
    subject.action.startsWith('slack.') &&
    acts?.kind === 'action' &&
    toldBy(acts).size === 0
  )
}

/** Every word of a gate's subject, line by line; null: it cannot be shown whole. */
const wholeOf = ({ subject }: GateState): string[] | null => {
  if (bodyIn(subject) !== null) return null
  const lines =
    subject.kind === 'action'
      ? [
          `${subject.action} on ${subject.target}`,
          ...Object.entries(subject.params).map(
            ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
          ),
        ]
      : null
  if (lines === null) return null
  const text = lines.join('\n')
  return text.length <= most && revealed(text) === text && text.isWellFormed() && !text.includes('```') ? lines : null
}

/** What a button carried, or null: it is none of ours. */
export const readValue = (
  value: string,
): { verdict: 'approve' | 'reject'; gate: string; digest: string; nonce: string } | null => {
  const found = /^(approve|reject) (gate_[0-9a-z-]{1,80}) ([0-9a-f]{64}) ([0-9a-f]{32})$/.exec(value)
  if (!found) return null
  const [, verdict, gate, digest, nonce] = found
  return { verdict: verdict as 'approve' | 'reject', gate: gate!, digest: digest!, nonce: nonce! }
}
