/**
 * What follows at once when a gate closes?
 * Called once, in the same breath as the closing. It never closes a gate itself.
 */
import { propose } from './action-step.ts'
import { finish, question, reopen, sentBack } from './consequence.ts'
import { routeAbout } from './routed.ts'
import { stepSpec, type GateState, type RunState } from './state.ts'
import { settlement, stuckIntent } from './stuck-effect.ts'
import { pushIntent } from './wanted.ts'
import type { Draft } from './facts.ts'

const roundsOfAsks = 5

/** The facts that follow the closing of this gate; the state already holds the closing. */
export const afterClose = (state: RunState, gate: GateState, at: number): Draft[] => {
  const spec = gate.gateStep ? stepSpec(state, gate.gateStep) : undefined
  switch (gate.outcome) {
    case 'approved':
      return gate.subject.kind === 'command' && gate.subject.push
        ? propose(
            state,
            pushIntent(state, gate.step, gate.subject.push.change, gate.subject.push.ref),
            gate.id,
            'a person approved this push',
          )
        : []
    case 'changes_requested':
      return gate.ask ? [] : sendBack(state, gate, spec?.kind === 'gate' ? spec.maxRounds : roundsOfAsks, at)
    case 'rejected':
    case 'expired': {
      if (spec?.kind !== 'gate')
        return gate.kind === 'question' && !gate.ask ? finish('rejected', `${gate.name}: ${whoEnded(gate)}.`) : []
      if (spec.onReject === 'continue' && gate.outcome === 'rejected') return []
      if (spec.onReject === 'revise' && gate.outcome === 'rejected') return sendBack(state, gate, spec.maxRounds, at)
      return finish(
        'rejected',
        gate.outcome === 'expired' ? `Nobody decided ${gate.name} in time.` : `${spec.name}: ${whoEnded(gate)}.`,
      )
    }
    case 'answered':
      return answeredQuestion(state, gate)
    default:
      return []
  }
}

const whoEnded = (gate: GateState): string => {
  const vote = gate.votes.findLast((v) => v.verdict === 'reject' || v.verdict === 'answer')
  return vote ? `rejected by ${vote.name}${vote.comment ? `: ${vote.comment.slice(0, 300)}` : ''}` : 'rejected'
}

const sendBack = (state: RunState, gate: GateState, maxRounds: number, at: number): Draft[] => {
  const step = sentBack(state, gate)
  const used = (state.steps[step]?.round ?? 1) - 1
  if (used < maxRounds) return reopen(state, step, 'changes_requested', gate.id)
  return question(
    state,
    step,
    'rounds',
    `${step} was sent back ${used} times, as often as the workflow allows.`,
    [
      { id: 'revise', label: 'Send back once more', text: 'required' },
      { id: 'stop', label: 'Stop the run', text: 'optional' },
    ],
    at,
  )
}

/** The place that a person chose. A choice that is none of the question's never gets here: it was refused. */
const routedBy = (state: RunState, gate: GateState, choice: string): Draft[] => {
  const option = Number(choice.slice('place-'.length)) - 1
  const place = state.spec.routing?.options[option]
  if (!place || place.lacks !== undefined || state.routed !== null) return []
  return [{ type: 'run.routed', by: { kind: 'system' }, data: { option, gate: gate.id, label: place.label } }]
}

const answeredQuestion = (state: RunState, gate: GateState): Draft[] => {
  const answer = gate.votes.at(-1)?.answer
  if (gate.ask || gate.subject.kind !== 'question' || !answer) return []
  const stuck = stuckIntent(state, gate)
  const settles = stuck ? settlement(stuck, gate.id, gate.votes.at(-1)!) : []
  if (answer.choice === 'stop')
    return [
      ...settles,
      ...finish(
        'rejected',
        `${gate.votes.at(-1)!.name} stopped the run${answer.text ? `: ${answer.text.slice(0, 300)}` : ''}.`,
      ),
    ]
  if (stuck) return settles
  if (gate.subject.about === routeAbout) return routedBy(state, gate, answer.choice)
  if (answer.choice === 'revise') return reopen(state, gate.step, 'answer', gate.id)
  if (gate.subject.about === 'checks_failed' && answer.choice === 'again') {
    const spec = stepSpec(state, gate.step)
    return spec?.kind === 'run' && spec.fixWith ? reopen(state, spec.fixWith, 'checks_failed', gate.id) : []
  }
  return []
}
