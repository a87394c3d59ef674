/**
 * What does one fact change in the state of a run?
 * Total over all facts, never refuses: a stored fact happened. It never adds facts.
 */
import { mergedAs, mergeSteps, merging, notMerged } from './change-standing.ts'
import { automaticTries, isOverBudget } from './due.ts'
import type { Fact } from './facts.ts'
import {
  addUsage,
  dependents,
  earlierChange,
  noUsage,
  stepSpec,
  type GateState,
  type IntentState,
  type RunState,
  type StepState,
  type VoteState,
} from './state.ts'
import type { Feedback } from '../wire/job.ts'

const freshStep = (): StepState => ({
  status: 'open',
  round: 1,
  attempt: 0,
  epoch: 0,
  runner: null,
  agent: null,
  isolation: null,
  session: null,
  builtOn: null,
  feedback: [],
  result: null,
  failure: null,
  usage: noUsage,
  log: null,
  gate: null,
  intent: null,
  asks: 0,
  beganAt: null,
  workMillis: 0,
  startedAt: null,
  finishedAt: null,
})

const withStep = (state: RunState, id: string, change: Partial<StepState>): RunState => {
  const step = state.steps[id]
  return step ? { ...state, steps: { ...state.steps, [id]: { ...step, ...change } } } : state
}
const withGate = (state: RunState, id: string, change: (gate: GateState) => Partial<GateState>): RunState => {
  const gate = state.gates[id]
  return gate ? { ...state, gates: { ...state.gates, [id]: { ...gate, ...change(gate) } } } : state
}
const withIntent = (state: RunState, id: string, change: Partial<IntentState>): RunState => {
  const intent = state.intents[id]
  return intent ? { ...state, intents: { ...state.intents, [id]: { ...intent, ...change } } } : state
}

/** How long a step has worked when an attempt ends whose runner does not say how long it took. */
const workedUntil = (state: RunState, id: string, at: number): number => {
  const { workMillis = 0, beganAt } = state.steps[id] ?? {}
  return workMillis + Math.max(0, at - (beganAt ?? at))
}

/** The state after a fact. `null` before `run.started`. Throws when the first fact is another one, or when a fact is out of order. */
export const evolve = (before: RunState | null, fact: Fact): RunState => {
  if (before === null) {
    if (fact.type !== 'run.started') throw new Error(`the first fact of ${fact.run} is ${fact.type}, not run.started`)
    const { number, spec, specDigest, delivery, tainted } = fact.data
    const pins = Object.fromEntries(spec.pins.repos.flatMap((r) => (r.commit ? [[r.name, r.commit] as const] : [])))
    const steps = Object.fromEntries(spec.workflow.compiled.steps.map((s) => [s.id, freshStep()] as const))
    return {
      run: fact.run,
      number,
      seq: fact.seq,
      spec,
      specDigest,
      delivery,
      tainted,
      startedAt: fact.at,
      lastAt: fact.at,
      finished: null,
      cancelling: null,
      runner: null,
      pins,
      steps,
      gates: {},
      intents: {},
      change: null,
      context: [],
      contextMissing: [],
      budgetsGranted: 0,
      checkCommands: null,
      counts: { gates: 0, intents: 0, refusals: 0, pushesRefused: 0 },
    }
  }
  if (fact.seq !== before.seq + 1) throw new Error(`fact ${fact.seq} of ${fact.run} follows fact ${before.seq}`)
  return applied({ ...before, seq: fact.seq, lastAt: fact.at }, fact)
}

const applied = (state: RunState, fact: Fact): RunState => {
  switch (fact.type) {
    case 'run.started':
      throw new Error(`${fact.run} started twice`)
    case 'run.cancel_requested':
      return {
        ...state,
        cancelling: {
          reason: fact.data.reason,
          by: fact.by.kind === 'system' ? 'Viewport' : fact.by.name,
          at: fact.at,
        },
      }
    case 'run.moved':
      return { ...state, runner: fact.data.to }
    case 'run.finished':
      return { ...state, finished: { outcome: fact.data.outcome, why: fact.data.why, at: fact.at } }
    case 'repo.pinned':
      return { ...state, pins: { ...state.pins, [fact.data.repo]: fact.data.commit } }
    case 'step.started': {
      const { step, attempt, epoch, agent, isolation } = fact.data
      const runner = fact.by.kind === 'runner' ? fact.by.id : null
      const started = withStep(state, step, {
        status: 'running',
        attempt,
        epoch,
        runner,
        agent,
        isolation,
        failure: null,
        builtOn: earlierChange(state, step)?.tree ?? null,
        asks: 0,
        beganAt: fact.at,
        startedAt: state.steps[step]?.startedAt ?? fact.at,
        finishedAt: null,
      })
      return { ...started, runner: started.runner ?? runner }
    }
    case 'context.resolved':
      return {
        ...state,
        context: [
          ...state.context.filter((c) => c.step !== fact.data.step),
          ...fact.data.items.map((item) => ({ step: fact.data.step, item, use: 'not said' as const })),
        ],
        contextMissing: [
          ...state.contextMissing.filter((c) => c.step !== fact.data.step),
          ...fact.data.missing.map((one) => ({ step: fact.data.step, ...one })),
        ],
      }
    case 'context.cited':
      return {
        ...state,
        context: state.context.map((c) =>
          c.step !== fact.data.step
            ? c
            : fact.data.used.includes(c.item.id)
              ? { ...c, use: 'used' as const }
              : c.use === 'not said' && fact.data.unused.includes(c.item.id)
                ? { ...c, use: 'unused' as const }
                : c,
        ),
      }
    case 'push.recorded':
    case 'ask.recorded':
      return withStep(state, fact.data.step, { asks: (state.steps[fact.data.step]?.asks ?? 0) + 1 })
    case 'step.parked':
      return withStep(state, fact.data.step, {
        status: 'parked',
        workMillis: workedUntil(state, fact.data.step, fact.at),
        session: fact.data.session,
        usage: addUsage(state.steps[fact.data.step]?.usage ?? noUsage, fact.data.usage),
      })
    case 'step.finished': {
      const { step, result, usage, log, session, millis } = fact.data
      const isRunStep = stepSpec(state, step)?.kind === 'run'
      return withStep(state, step, {
        status: 'finished',
        result,
        workMillis: (state.steps[step]?.workMillis ?? 0) + millis,
        usage: addUsage(state.steps[step]?.usage ?? noUsage, usage),
        log,
        session: session ?? state.steps[step]?.session ?? null,
        feedback: [],
        finishedAt: fact.at,
        ...(isRunStep && result.kind === 'checks' && result.found && result.passed ? { status: 'done' as const } : {}),
      })
    }
    case 'step.failed': {
      const { step, failure, usage, log, millis } = fact.data
      return withStep(state, step, {
        status: 'failed',
        failure,
        workMillis: (state.steps[step]?.workMillis ?? 0) + millis,
        usage: addUsage(state.steps[step]?.usage ?? noUsage, usage),
        log,
        finishedAt: fact.at,
      })
    }
    case 'step.lost':
      return withStep(state, fact.data.step, {
        status: 'lost',
        workMillis: workedUntil(state, fact.data.step, fact.at),
      })
    case 'step.reopened':
      return reopened(state, fact)
    case 'gate.opened':
      return gateOpened(state, fact)
    case 'decision.made': {
      if (fact.by.kind !== 'person') return state
      const { verdict, digest, via, comment, lines, answer, selfApproved } = fact.data
      const vote: VoteState = {
        person: fact.by.id,
        name: fact.by.name,
        verdict,
        digest,
        at: fact.at,
        seq: fact.seq,
        via,
        comment,
        lines,
        answer,
        selfApproved,
      }
      return withGate(state, fact.data.gate, (gate) => ({ votes: [...gate.votes, vote] }))
    }
    case 'decision.withdrawn':
      return withdrawn(state, fact)
    case 'decision.refused':
      return state
    case 'gate.reminded':
      return withGate(state, fact.data.gate, () => ({ remindAt: null }))
    case 'gate.escalated':
      return withGate(state, fact.data.gate, (gate) => ({
        approvers: [...new Set([...gate.approvers, ...fact.data.approvers])],
        expiresAt: null,
      }))
    case 'gate.closed':
      return gateClosed(state, fact)
    case 'intent.proposed': {
      const { intent, action, step, key, params, change, digest, target, at } = fact.data
      const proposed: IntentState = {
        id: intent,
        action,
        step,
        key,
        digest,
        params,
        change,
        target,
        at,
        state: 'proposed',
        attempt: 0,
        retry: false,
        gate: null,
        receipt: null,
        reconciled: false,
        failure: null,
        doneAt: null,
      }
      const next = {
        ...state,
        intents: { ...state.intents, [intent]: proposed },
        counts: { ...state.counts, intents: state.counts.intents + 1 },
      }
      return stepSpec(state, step)?.kind === 'action'
        ? withStep(next, step, { status: 'waiting', intent, startedAt: state.steps[step]?.startedAt ?? fact.at })
        : next
    }
    case 'intent.approved':
      return withIntent(state, fact.data.intent, { state: 'approved', gate: fact.data.gate })
    case 'effect.started': {
      const begun = withIntent(state, fact.data.intent, {
        state: 'executing',
        attempt: fact.data.attempt,
        retry: false,
      })
      return state.intents[fact.data.intent]?.action === 'git.merge' ? merging(begun) : begun
    }
    case 'effect.succeeded':
      return actionDone(
        withIntent(state, fact.data.intent, {
          state: 'succeeded',
          receipt: fact.data.receipt,
          reconciled: fact.data.reconciled,
          doneAt: fact.at,
          failure: null,
        }),
        fact.data.intent,
        fact.at,
      )
    case 'effect.failed':
      return notMerged(
        withIntent(state, fact.data.intent, { state: 'failed', failure: fact.data.failure, doneAt: fact.at }),
        fact.data.intent,
        fact.data.failure,
      )
    case 'effect.unknown': {
      const unknown = withIntent(state, fact.data.intent, { state: 'unknown' })
      return fact.data.attempt < automaticTries
        ? unknown
        : notMerged(unknown, fact.data.intent, {
            summary: `Whether it was merged is not known after ${fact.data.attempt} looks: ${fact.data.why}`,
            check: 'Look at the target branch; merging again looks first.',
          })
    }
    case 'change.opened':
      return {
        ...state,
        change: {
          id: fact.data.id,
          repo: fact.data.repo,
          ref: fact.data.ref,
          into: fact.data.into,
          title: fact.data.title,
          body: fact.data.body ?? null,
          change: fact.data.change,
          state: 'open',
          failure: null,
          commit: null,
        },
      }
    case 'change.merge_requested':
      return merging(state)
    case 'change.merged':
      return merged(state, fact)
    case 'change.abandoned':
      return state.change ? { ...state, change: { ...state.change, state: 'abandoned' } } : state
    case 'refusal.recorded':
      return {
        ...state,
        counts: {
          ...state.counts,
          refusals: state.counts.refusals + 1,
          pushesRefused: state.counts.pushesRefused + (fact.data.code === 'push_refused' ? 1 : 0),
        },
      }
  }
}

/** However it came about, a step of the workflow that was to merge it has nothing left to do. */
const merged = (state: RunState, { data, at }: Fact<'change.merged'>): RunState =>
  mergeSteps(state)
    .filter((id) => state.steps[id]?.status !== 'done')
    .reduce((s, id) => withStep(s, id, { status: 'done', finishedAt: at }), mergedAs(state, data.commit))

/** An action step is done when the intent it waits for has succeeded. A push that serves a later open_change keeps it waiting. */
const actionDone = (state: RunState, intent: string, at: number): RunState => {
  const done = state.intents[intent]
  const spec = done && stepSpec(state, done.step)
  if (!done || spec?.kind !== 'action' || spec.action !== done.action) return state
  return withStep(state, done.step, { status: 'done', finishedAt: at })
}

const gateOpened = (state: RunState, fact: Fact<'gate.opened'>): RunState => {
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
    votes: [],
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

const gateClosed = (state: RunState, fact: Fact<'gate.closed'>): RunState => {
  const { gate: id, outcome } = fact.data
  const closed = withGate(state, id, () => ({ state: 'closed', outcome, closedAt: fact.at }))
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
  if ((about === 'lost' || about === 'failed') && answer.choice === 'again')
    return withStep(state, gate.step, { status: 'open' })
  if (about === 'budget_spent' && answer.choice === 'more')
    return Object.entries(state.steps)
      .filter(([, step]) => isOverBudget(step))
      .reduce((s, [id]) => withStep(s, id, { status: 'open' }), {
        ...state,
        budgetsGranted: (state.budgetsGranted ?? 0) + 1,
      })
  if (about.startsWith('effect:') && answer.choice === 'again')
    return withIntent(state, about.slice('effect:'.length), { state: 'unknown', retry: true })
  return state
}

const withdrawn = (state: RunState, fact: Fact<'decision.withdrawn'>): RunState => {
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

const reopened = (state: RunState, fact: Fact<'step.reopened'>): RunState => {
  const { step, round, because, gate } = fact.data
  const note = [...commentOf(state, gate), ...(because === 'checks_failed' ? failedChecks(state, step) : [])]
  const again = withStep(state, step, {
    status: 'open',
    round,
    feedback: [...(state.steps[step]?.feedback ?? []), ...note],
    finishedAt: null,
  })
  return dependents(state, step).reduce((s, id) => {
    const spec = stepSpec(s, id)
    const before = s.steps[id]
    if (!before) return s
    const nextRound = spec?.kind === 'run' ? (because === 'checks_failed' ? before.round + 1 : 1) : round
    return withStep(s, id, { status: 'open', gate: null, intent: null, round: nextRound, finishedAt: null })
  }, again)
}

/** What the people of a gate said, as feedback for the agent. */
const commentOf = (state: RunState, id: string | null): Feedback[] => {
  const gate = id ? state.gates[id] : undefined
  return (gate?.votes ?? [])
    .filter((v) => v.verdict === 'request_changes' || v.verdict === 'answer')
    .map((v) => ({
      from: v.name,
      kind: 'comment' as const,
      text: v.comment ?? v.answer?.text ?? '',
      lines: v.lines,
      body: null,
    }))
}

const failedChecks = (state: RunState, fixed: string): Feedback[] =>
  state.spec.workflow.compiled.steps.flatMap((spec) => {
    const result = state.steps[spec.id]?.result
    if (spec.kind !== 'run' || spec.fixWith !== fixed || result?.kind !== 'checks' || result.passed) return []
    return result.commands
      .filter((c) => c.exit !== 0)
      .map((c) => ({
        from: 'checks',
        kind: 'checks' as const,
        text: `${c.command} ended with ${c.exit === null ? 'a signal' : `exit code ${c.exit}`}${c.tests ? `: ${c.tests.failed} failed, ${c.tests.passed} passed` : ''}.`,
        lines: [],
        body: c.log,
      }))
  })
