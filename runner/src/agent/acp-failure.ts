/** Why did an attempt with an agent of the Agent Client Protocol fail? */
import { failed, type WorkFailed } from '../work/failure.ts'
import { modelFailure } from './model-failure.ts'
import { PeerRefused } from './peer.ts'

/** It cannot be had to ask. */
export const doesNotAsk = (name: string, why: string): WorkFailed =>
  failed(
    'agent',
    'agent_does_not_ask',
    `The agent ${name} would not ask before it runs commands: ${why}.`,
    'Name a mode in which it asks in the policy of the runner (`acp:`), or use another version.',
    { started: true, retrySafe: false },
  )

/** It cannot be given the model that the step asks for. */
export const modelNotTaken = (name: string, model: string, why: string): WorkFailed =>
  failed(
    'agent',
    'model_not_taken',
    `The agent ${name} could not be given the model ${model}: ${why}.`,
    'Ask for one that it offers, or say in the policy of the runner how it is given one (`acp:`, `model`).',
    { started: true, retrySafe: false },
  )

/** With its owner's login it opens no session: it waits for somebody to sign in. */
export const loginNotTaken = (name: string, seconds: number, provider: string | undefined): WorkFailed =>
  failed(
    'agent',
    'login_not_taken',
    `The agent ${name} did not begin with its owner's login within ${seconds} seconds: it seems to be good no more.`,
    `Sign in again with ${name} on the runner's machine, or set a key: \`vpd credentials set model ${provider ?? 'PROVIDER'}\`.`,
    { started: true, retrySafe: true },
  )

/** Its turn ended for another reason than that it was done. */
export const stoppedEarly = (name: string, reason: string): WorkFailed =>
  failed(
    'agent',
    reason === 'refusal' ? 'model_declined' : 'agent_stopped_early',
    reason === 'refusal'
      ? `The model of ${name} declined to do this.`
      : `The agent ${name} stopped before it was done (${reason}).`,
    'The end of its log shows where. Ask for less at once, or in other words.',
    { started: true },
  )

/** What was thrown while it was talked with. An error of the protocol is what its model said, or what it could not do. */
export const failureOf = (name: string, error: unknown): Error => {
  if (!(error instanceof PeerRefused)) return error instanceof Error ? error : new Error(String(error))
  const more = error.data === undefined ? '' : ` ${JSON.stringify(error.data)}`
  const words = `${error.message}${more}`
  const status = /\b(?:status|code)"?\s{0,9}:?\s{0,9}"?([45]\d\d)\b/i.exec(words)?.[1]
  return modelFailure(
    `The agent ${name}`,
    status === undefined ? (error.code !== null && error.code >= 400 ? error.code : null) : Number(status),
    words,
  )
}
