/**
 * May this person decide this gate, on what they saw, now?
 * Computed from ids at decision time; a refused decision is a fact too. It never trusts a name, a link or a stale page.
 */
import { refuse, type Refusal } from '../refusal.ts'
import { no, yes, type Answer } from './answer.ts'
import { isBareRun } from './bare.ts'
import { closeGates } from './consequence.ts'
import { stuckIntent, stuckMisfit } from './stuck-effect.ts'
import { dependents, type GateState, type RunState } from './state.ts'
import type { Command, Decider } from './command.ts'
import type { Draft } from './facts.ts'

type Of<K extends Command['do']> = Extract<Command, { do: K }>
const system = { kind: 'system' } as const
const personOf = (person: Decider) => ({ kind: 'person', id: person.id, name: person.name }) as const

/** Why this person may not vote at this gate, or null when they may. */
export const mayNot = (state: RunState, gate: GateState, person: Decider): Refusal | null => {
  if (heldBy(gate, person) === undefined)
    return refuse('not_an_approver', { who: person.name, approvers: gate.approvers.join(', ') })
  const excluded = gate.excluded.find((e) => e.person === person.id)
  if (excluded) return refuse('excluded_approver', { who: person.name, why: excluded.why })
  if (gate.exclude.includes('runner_owner') && person.ownsRunner)
    return refuse('excluded_approver', { who: person.name, why: 'owns the runner that did the work' })
  const exposed = tokenRefusal(state, person)
  if (exposed) return exposed
  return state.finished ? refuse('run_finished', { outcome: state.finished.outcome }) : null
}

/** An agent without a wall may have read whatever token lies on its machine: there a token decides nothing. */
export const tokenRefusal = (state: RunState, { token }: Decider): Refusal | null =>
  token === 'exposed' || (token !== undefined && isBareRun(state)) ? refuse('browser_needed') : null

/** The approver of the gate that this person is: the user, or a team or role they hold now. */
const heldBy = (gate: GateState, person: Decider): string | undefined =>
  gate.approvers.find((p) => person.principals.includes(p))

/** A vote or an answer. The first valid verdict of a quorum-1 gate wins. */
export const decideGate = (state: RunState, command: Of<'decide'>): Answer => {
  const gate = state.gates[command.gate]
  if (!gate) return no(refuse('not_found', { what: 'gate', id: command.gate }))
  const refusal = whyNot(state, gate, command)
  if (refusal)
    return no(refusal, [
      {
        type: 'decision.refused',
        by: personOf(command.person),
        data: {
          gate: gate.id,
          code: refusal.refusal,
          words: refusal.words.slice(0, 2_000),
          digest: command.digest,
          via: command.via,
        },
      },
    ])
  const { verdict, digest, via, comment, lines, answer, person } = command
  const selfApproved =
    verdict === 'approve' && gate.exclude.includes('requester') && state.spec.requester.person === person.id
  const made: Draft = {
    type: 'decision.made',
    by: personOf(person),
    data: { gate: gate.id, as: heldBy(gate, person)!, verdict, digest, via, comment, lines, answer, selfApproved },
  }
  const close = closing(gate, command)
  return yes(close ? [made, ...closeGates([gate], close, `${person.name} ${words[verdict]}.`)] : [made])
}

const words = {
  approve: 'approved',
  request_changes: 'asked for changes',
  reject: 'rejected',
  answer: 'answered',
} as const

const whyNot = (state: RunState, gate: GateState, command: Of<'decide'>): Refusal | null => {
  if (gate.state === 'closed') return closedRefusal(gate)
  const may = mayNot(state, gate, command.person)
  if (may) return may
  if (gate.expiresAt !== null && command.at >= gate.expiresAt) return refuse('gate_expired')
  if (command.digest !== gate.digest)
    return refuse('gate_drifted', { what: `you saw ${command.digest.slice(0, 6)}…, it is ${gate.digest.slice(0, 6)}…` })
  const voted = gate.votes.find((v) => v.person === command.person.id)
  if (voted) return refuse('already_voted', { who: command.person.name, verdict: voted.verdict })
  if (command.verdict === 'request_changes' && gate.kind === 'action') return refuse('verdict_not_offered')
  if (command.verdict === 'request_changes' && !command.comment?.trim() && command.lines.length === 0)
    return refuse('comment_required')
  const question = gate.subject.kind === 'question' ? gate.subject : null
  if ((question !== null) !== (command.verdict === 'answer') && !(question && gate.ask && command.verdict === 'reject'))
    return refuse('answer_required', {
      choices: question ? question.choices.map((c) => c.label).join(', ') : 'approve, request changes or reject',
    })
  if (question && command.verdict === 'answer') {
    const choice = question.choices.find((c) => c.id === command.answer?.choice)
    if (!choice || (choice.text === 'required' && !command.answer?.text?.trim()))
      return refuse('answer_required', {
        choices: question.choices.map((c) => (c.text === 'required' ? `${c.label} (with text)` : c.label)).join(', '),
      })
    const stuck = stuckIntent(state, gate)
    const misfit = stuck && stuckMisfit(stuck, command.answer!)
    if (misfit) return refuse('answer_required', { choices: misfit })
  }
  return null
}

const closedRefusal = (gate: GateState): Refusal => {
  if (gate.outcome === 'expired') return refuse('gate_expired')
  if (gate.outcome === 'superseded')
    return refuse('gate_drifted', {
      what: 'it is asked anew, since the step was sent back or the checks of its draft went otherwise',
    })
  const last = gate.votes.at(-1)
  return refuse('gate_closed', {
    outcome: (gate.outcome ?? 'closed').replace('_', ' '),
    by: last?.name ?? 'Viewport',
    at: gate.closedAt,
  })
}

/** The outcome that this vote brings, or null when more votes are needed. */
const closing = (gate: GateState, { verdict, person }: Of<'decide'>) => {
  if (verdict === 'reject') return 'rejected' as const
  if (verdict === 'request_changes') return 'changes_requested' as const
  if (verdict === 'answer') return 'answered' as const
  const approvals = new Set([...gate.votes.filter((v) => v.verdict === 'approve').map((v) => v.person), person.id])
  return approvals.size >= gate.required ? ('approved' as const) : null
}

/** Takes a vote back: while the gate is open, or after it was approved as long as nothing that rests on it has begun. */
export const withdrawVote = (state: RunState, command: Of<'withdraw'>): Answer => {
  const gate = state.gates[command.gate]
  return gate && mayWithdraw(state, gate, command.person.id)
    ? yes([{ type: 'decision.withdrawn', by: personOf(command.person), data: { gate: gate.id, via: command.via } }])
    : no(refuse('nothing_to_withdraw', { who: command.person.name }))
}

/** Has this person (an id) a vote here that can still be taken back? */
export const mayWithdraw = (state: RunState, gate: GateState, person: string): boolean =>
  !state.finished &&
  gate.votes.some((v) => v.person === person) &&
  (gate.state === 'open' || (gate.outcome === 'approved' && !begun(state, gate)))

/** Has anything that rests on this approval begun? */
const begun = (state: RunState, gate: GateState): boolean => {
  const rests = gate.gateStep ? dependents(state, gate.gateStep) : []
  if (Object.values(state.intents).some((i) => i.attempt > 0 && (i.gate === gate.id || rests.includes(i.step))))
    return true
  if (!gate.gateStep) return gate.ask !== null && state.steps[gate.step]?.status !== 'parked'
  return rests.some((id) => {
    const step = state.steps[id]!
    return (
      step.status === 'running' ||
      step.status === 'parked' ||
      step.status === 'finished' ||
      (step.startedAt ?? 0) > (gate.closedAt ?? 0) ||
      (step.status !== 'open' && step.intent === null)
    )
  })
}

/** The time to decide has ended. Never approves. */
export const expireGate = (state: RunState, command: Of<'expire'>): Answer => {
  const gate = state.gates[command.gate]
  if (!gate || gate.state === 'closed' || state.finished || gate.expiresAt === null || command.at < gate.expiresAt)
    return yes([])
  if (gate.onExpiry !== 'reject')
    return yes([{ type: 'gate.escalated', by: system, data: { gate: gate.id, approvers: gate.onExpiry.escalate } }])
  return yes(closeGates([gate], 'expired', 'Nobody decided in time.'))
}

/** One reminder per gate. */
export const remindGate = (state: RunState, command: Of<'remind'>): Answer => {
  const gate = state.gates[command.gate]
  if (!gate || gate.state === 'closed' || gate.remindAt === null || command.at < gate.remindAt) return yes([])
  return yes([{ type: 'gate.reminded', by: system, data: { gate: gate.id } }])
}
