/**
 * May this be asked of the run, and which facts does it bring?
 * The one way facts come to be: a command against the state gives facts, a refusal, or a refusal that leaves a fact. It never touches the outside.
 */
import type { ZodType } from 'zod'
import { refuse, type Refusal } from '../refusal.ts'
import { changeDigest } from '../gate/subject.ts'
import { no, yes, type Answer } from './answer.ts'
import { afterClose } from './after-close.ts'
import { propose } from './action-step.ts'
import { changeStands, mayMerge, mergeGate } from './change-standing.ts'
import { beginEffect, endEffect } from './decide-effect.ts'
import { decideGate, expireGate, remindGate, tokenRefusal, withdrawVote } from './decide-gate.ts'
import { decideReport, loseWork, refuseWork, unfit } from './decide-report.ts'
import { evolve } from './evolve.ts'
import { closedByTheEnd, finish, keptRefusal } from './consequence.ts'
import { follow } from './follow.ts'
import { hear, voteOfForge, votesIn } from './hear.ts'
import { askedOnMove } from './moved-words.ts'
import { openFor } from './pull-standing.ts'
import { RunSpec, runSpecDigest } from './spec.ts'
import { tellCheck } from './told-check.ts'
import { settleEffect } from './stuck-effect.ts'
import { mergeIntent, onChangePage } from './wanted.ts'
import type { Command } from './command.ts'
import { factSchemas, type Draft, type Fact } from './facts.ts'
import type { RunState } from './state.ts'

/** What a command brought. `refusal` with facts: the no itself is evidence. `state` is after the facts. */
export type Decision = { readonly facts: Fact[]; readonly state: RunState | null; readonly refusal: Refusal | null }

/** Decides a command against the state (null: the run does not exist yet). Facts come with everything that follows from them inside the run. */
export const decide = (state: RunState | null, command: Command): Decision => {
  if (state === null) {
    if (command.do !== 'start')
      return { facts: [], state, refusal: refuse('not_found', { what: 'run', id: 'with this id' }) }
    const { number, spec, delivery, tainted } = command
    const flaw = flawOf(RunSpec, spec)
    if (flaw !== null) return { facts: [], state, refusal: refuse('run_spec_invalid', { why: flaw }) }
    const fact = {
      v: 1,
      run: command.run,
      seq: 1,
      at: command.at,
      type: 'run.started',
      by: command.by,
      data: { number, spec, specDigest: runSpecDigest(spec), delivery, tainted },
    } as const
    const held: Draft[] = command.held ? [{ type: 'run.held', by: { kind: 'system' }, data: command.held }] : []
    return settled(evolve(null, fact), [fact], command.at, null, held)
  }
  if (command.do === 'start') return { facts: [], state, refusal: refuse('conflict', { what: `The run ${state.run}` }) }
  if (command.do === 'hear') return heard(state, command)
  const { drafts, refusal } = answer(state, command)
  const decision = settled(state, [], command.at, refusal, drafts)
  const flaw = firstFlaw(decision.facts)
  if (flaw === null) return decision
  if (command.do !== 'report' && command.do !== 'refuseWork')
    throw new Error(`${command.do} of ${state.run} would bring a fact that cannot be read back: ${flaw}`)
  const unkept = unfit(command, flaw)
  return settled(state, [], command.at, unkept.refusal, unkept.drafts)
}

/** What a look says, then the votes in it, each on the state that the one before left. */
const heard = (state: RunState, command: Extract<Command, { do: 'hear' }>): Decision => {
  const said = hear(state, command)
  let decision = settled(state, [], command.at, said.refusal, said.drafts)
  for (const person of said.refusal === null ? votesIn(command.seen) : []) {
    const { drafts } = voteOfForge(decision.state!, command, person)
    decision = settled(decision.state!, decision.facts, command.at, null, drafts)
  }
  const flaw = firstFlaw(decision.facts)
  if (flaw !== null) throw new Error(`hear of ${state.run} would bring a fact that cannot be read back: ${flaw}`)
  return decision
}

/** Where a fact does not fit its schema. One such fact in the ledger would make the whole story of the run unreadable. */
const firstFlaw = (facts: readonly Fact[]): string | null => {
  for (const fact of facts) {
    const flaw = flawOf(factSchemas[fact.type], fact.data)
    if (flaw !== null) return `${fact.type} ${flaw}`
  }
  return null
}

const flawOf = (schema: ZodType, value: unknown): string | null => {
  const issue = schema.safeParse(value).error?.issues[0]
  return issue ? `${issue.path.join('.')}: ${issue.message}`.slice(0, 500) : null
}

const answer = (state: RunState, command: Exclude<Command, { do: 'start' | 'hear' }>): Answer => {
  switch (command.do) {
    case 'report':
      return decideReport(state, command)
    case 'lose':
      return loseWork(state, command)
    case 'refuseWork':
      return refuseWork(state, command)
    case 'decide':
      return decideGate(state, command)
    case 'withdraw':
      return withdrawVote(state, command)
    case 'expire':
      return expireGate(state, command)
    case 'remind':
      return remindGate(state, command)
    case 'cancel':
      if (state.finished) return no(refuse('run_finished', { outcome: state.finished.outcome }))
      return state.cancelling
        ? yes([])
        : yes([{ type: 'run.cancel_requested', by: command.by, data: { reason: command.reason } }])
    case 'tellCheck':
      return tellCheck(state, command)
    case 'cancelNow':
      return state.cancelling && !state.finished
        ? yes(finish('cancelled', `Stopped by ${state.cancelling.by}; the runner did not answer in time.`))
        : yes([])
    case 'move':
      return state.finished
        ? no(refuse('run_finished', { outcome: state.finished.outcome }))
        : yes([
            { type: 'run.moved', by: command.by, data: { from: state.runner ?? 'none', to: command.to } },
            ...askedOnMove(state, command.to),
          ])
    case 'merge':
      return merge(state, command)
    case 'abandon':
      if (state.change?.id !== command.change || changeStands(state) !== 'open')
        return no(refuse('change_not_open', { state: changeStands(state) }))
      return yes([{ type: 'change.abandoned', by: command.by, data: { id: command.change, why: command.why } }])
    case 'review':
      return reviewChange(state, command)
    case 'beginEffect':
      return beginEffect(state, command)
    case 'endEffect':
      return endEffect(state, command)
    case 'settleEffect':
      return settleEffect(state, command)
    case 'recordRefusal':
      return yes([keptRefusal(command.by, command.code, command.words, command.step, command.about)])
  }
}

const merge = (state: RunState, { change, digest, person, via }: Extract<Command, { do: 'merge' }>): Answer => {
  const open = state.change
  if (open?.id !== change || changeStands(state) !== 'open')
    return no(refuse('change_not_open', { state: changeStands(state) }))
  const gate = mergeGate(state)
  if (gate !== null) return no(refuse('merge_by_gate', { gate }))
  if (changeDigest(open.change) !== digest)
    return no(refuse('gate_drifted', { what: `the change is now ${changeDigest(open.change).slice(0, 6)}` }))
  const allowed = mayMerge(state, Object.values(state.gates))
  const held = person.principals.find((p) => allowed.has(p))
  if (held === undefined) return no(refuse('not_an_approver', { who: person.name, approvers: [...allowed].join(', ') }))
  const exposed = tokenRefusal(state, person)
  if (exposed) return no(exposed)
  const by = { kind: 'person', id: person.id, name: person.name } as const
  return yes([
    { type: 'change.merge_requested', by, data: { id: change, digest, as: held, via } },
    ...propose(state, mergeIntent(state, onChangePage), null, `${person.name} merged it on the change page`),
  ])
}

/** Changes are asked for on the page of a change that stands open in Viewport: it comes back as a review at a forge does. */
const reviewChange = (
  state: RunState,
  { change, digest, person, comment, lines }: Extract<Command, { do: 'review' }>,
): Answer => {
  const open = state.change
  if (open?.id !== change || changeStands(state) !== 'open' || openFor(state) === null)
    return no(refuse('change_not_open', { state: changeStands(state) }))
  if (changeDigest(open.change) !== digest)
    return no(refuse('gate_drifted', { what: `the change is now ${changeDigest(open.change).slice(0, 6)}` }))
  if (person.principals.length === 0)
    return no(refuse('not_an_approver', { who: person.name, approvers: 'people of the workspace' }))
  if (state.finished && state.finished.outcome !== 'succeeded')
    return no(refuse('run_finished', { outcome: state.finished.outcome }))
  if (!comment?.trim() && lines.length === 0) return no(refuse('comment_required'))
  return yes([
    {
      type: 'review.heard',
      by: { kind: 'person', id: person.id, name: person.name },
      data: {
        tool: 'viewport',
        ref: change,
        review: `${state.seq + 1}`,
        account: `viewport:${person.id}`,
        name: person.name,
        person: person.id,
        verdict: 'request_changes',
        head: open.change.commit,
        text: comment ?? '',
        lines,
        url: null,
        acted: true,
        why: `${person.name} is a person of the workspace.`,
      },
    },
  ])
}

/** Applies drafts and whatever follows, until nothing follows. */
const settled = (
  start: RunState,
  first: Fact[],
  at: number,
  refusal: Refusal | null,
  drafts: Draft[] = [],
): Decision => {
  const facts = [...first]
  let state = start
  const apply = (batch: Draft[]): void => {
    for (const draft of batch) {
      if (draft.type === 'run.finished') apply(closedByTheEnd(state))
      const fact = { v: 1, run: state.run, seq: state.seq + 1, at, ...draft } as Fact
      state = evolve(state, fact)
      facts.push(fact)
      if (fact.type === 'gate.closed') {
        const gate = state.gates[fact.data.gate]
        if (gate) apply(afterClose(state, gate, at))
      }
    }
  }
  apply(drafts)
  for (let rounds = 0; ; rounds++) {
    const more = follow(state, at)
    if (more.length === 0) return { facts, state, refusal }
    if (rounds > 200) throw new Error(`${state.run} does not come to rest after fact ${state.seq}`)
    apply(more)
  }
}
