/**
 * What do the facts of a gate change in the state: opened, closed, a vote taken back?
 * Parts of the fold in `evolve`. They never add facts.
 */
import { withGate, withIntent, withStep } from './changed-part.ts'
import { isOverBudget } from './due.ts'
import type { Fact } from './facts.ts'
import { dependents, stepSpec, type GateState, type RunState } from './state.ts'

export const gateOpened = (state: RunState, fact: Fact<'gate.opened'>): RunState => {
  const d = fact.data
  const push =
    d.subject.kind === 'command' && d.subject.push
      ? { repo: d.subject.push.change.repo, ref: d.subject.push.ref }
      : null
  const gate: GateState = {
    id: d.gate,
    kind: d.kind,
    name: d.name,
    step: d.step,
    gateStep: d.gateStep,
    round: d.round,
    attempt: state.steps[d.step]?.attempt ?? 0,
    ask: d.ask,
    push,
    subject: d.subject,
    digest: d.digest,
    body: d.body,
    approvers: d.approvers,
    required: d.required,
    exclude: d.exclude,
    excluded: d.excluded,
    expiresAt: d.expiresAt,
    onExpiry: d.onExpiry,
    remindAt: d.remindAt,
    why: d.why,
    votes: keptVotes(state, d.kept),
    state: 'open',
    outcome: null,
    openedAt: fact.at,
    closedAt: null,
  }
  const next = {
    ...state,
    gates: { ...state.gates, [d.gate]: gate },
    counts: { ...state.counts, gates: state.counts.gates + 1 },
  }
  return d.gateStep
    ? withStep(next, d.gateStep, {
        status: 'waiting',
        gate: d.gate,
        startedAt: state.steps[d.gateStep]?.startedAt ?? fact.at,
      })
    : next
}

const keptVotes = (state: RunState, kept: Fact<'gate.opened'>['data']['kept']): GateState['votes'] =>
  kept === undefined
    ? []
    : (state.gates[kept.gate]?.votes ?? []).filter(
        (vote) => vote.verdict === 'approve' && kept.people.includes(vote.person),
      )

export const gateClosed = (state: RunState, fact: Fact<'gate.closed'>): RunState => {
  const { gate: id, outcome } = fact.data
  const shut = withGate(state, id, () => ({ state: 'closed', outcome, closedAt: fact.at }))
  // Whoever approved the change has seen what was said of it until then.
  const decided = outcome === 'approved' && shut.gates[id]?.kind === 'change' && shut.gates[id].gateStep !== null
  const closed = decided ? { ...shut, pending: [] } : shut
  const gate = closed.gates[id]
  if (!gate) return closed
  if (gate.gateStep) {
    const spec = stepSpec(state, gate.gateStep)
    const passes =
      outcome === 'approved' || (outcome === 'rejected' && spec?.kind === 'gate' && spec.onReject === 'continue')
    return passes ? withStep(closed, gate.gateStep, { status: 'done', finishedAt: fact.at }) : closed
  }
  return answered(closed, gate)
}

/** What the answer to a question of ours changes at once. The rest (send back, stop) arrives as facts of its own. */
const answered = (state: RunState, gate: GateState): RunState => {
  const answer = gate.votes.at(-1)?.answer
  if (gate.kind !== 'question' || gate.subject.kind !== 'question' || !answer || gate.outcome !== 'answered')
    return state
  const about = gate.subject.about
  if (about === 'no_checks' && answer.choice === 'command' && answer.text)
    return withStep({ ...state, checkCommands: [answer.text] }, gate.step, { status: 'open' })
  if ((about === 'no_checks' || about === 'checks_failed') && answer.choice === 'continue')
    return withStep(state, gate.step, { status: 'done' })
  const last = gate.votes.at(-1)!
  if (about === 'tainted' && answer.choice === 'go_on')
    return { ...state, cleared: { person: last.person, name: last.name, at: last.at } }
  if (about === 'breaker' && answer.choice === 'go_on') return { ...state, held: null }
  if (about === 'no_progress' && answer.choice === 'continue') return withStep(state, gate.step, { unchanged: 0 })
  if ((about === 'lost' || about === 'failed') && answer.choice === 'again')
    return withStep(state, gate.step, { status: 'open' })
  if (about === 'budget_spent' && answer.choice === 'more')
    return Object.entries(state.steps)
      .filter(([, step]) => isOverBudget(step))
      .reduce((s, [id]) => withStep(s, id, { status: 'open' }), {
        ...state,
        budgetsGranted: (state.budgetsGranted ?? 0) + 1,
      })
  if (about.startsWith('effect:') && (answer.choice === 'again' || answer.choice === 'look'))
    return withIntent(state, about.slice('effect:'.length), {
      state: 'unknown',
      retry: true,
      looks: answer.choice === 'look',
    })
  return state
}

export const withdrawn = (state: RunState, fact: Fact<'decision.withdrawn'>): RunState => {
  const person = fact.by.kind === 'person' ? fact.by.id : null
  const wasClosed = state.gates[fact.data.gate]?.state === 'closed'
  const open = withGate(state, fact.data.gate, (gate) => ({
    votes: gate.votes.filter((v) => v.person !== person),
    state: 'open',
    outcome: null,
    closedAt: null,
  }))
  const gate = open.gates[fact.data.gate]
  if (!gate || !wasClosed) return open
  const rests = gate.gateStep ? dependents(open, gate.gateStep) : []
  const intents = Object.fromEntries(
    Object.entries(open.intents).filter(([, i]) => i.attempt > 0 || (i.gate !== gate.id && !rests.includes(i.step))),
  )
  const reset = gate.gateStep
    ? rests.reduce((s, id) => withStep(s, id, { status: 'open', intent: null, gate: null }), {
        ...open,
        intents,
      })
    : { ...open, intents }
  return gate.gateStep ? withStep(reset, gate.gateStep, { status: 'waiting', finishedAt: null }) : reset
}
