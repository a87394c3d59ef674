/**
 * What does one fact change in the state of a run?
 * Total over all facts, never refuses: a stored fact happened. It never adds facts.
 */
import { withGate, withIntent, withStep } from './changed-part.ts'
import { mergedAs, mergeSteps, merging, notMerged } from './change-standing.ts'
import { automaticTries } from './due.ts'
import { gateClosed, gateOpened, withdrawn } from './evolve-gate.ts'
import { freshStep, reopened, workedUntil } from './evolve-step.ts'
import type { Fact, FactOf, StepResult } from './facts.ts'
import { runMoved } from './moved-words.ts'
import {
  checksHeard,
  pullClosed,
  pullMerged,
  pullMoved,
  pullReopened,
  pullReverted,
  reviewHeard,
  withPull,
} from './pull-standing.ts'
import { placed } from './routed.ts'
import {
  addUsage,
  changeOf,
  earlierChange,
  noUsage,
  stepSpec,
  triedAtMost,
  type IntentState,
  type RunState,
  type VoteState,
} from './state.ts'
import { checkTold } from './told-check.ts'
import { pushKnown } from './told-early.ts'

/** The state after a fact. `null` before `run.started`. Throws when the first fact is another one, or when a fact is out of order. */
export const evolve = (before: RunState | null, fact: Fact): RunState => {
  if (before === null) {
    if (fact.type !== 'run.started') throw new Error(`the first fact of ${fact.run} is ${fact.type}, not run.started`)
    const { number, specDigest, delivery, tainted } = fact.data
    const routed = fact.data.spec.routing?.chosen ?? null
    const { spec, frozen } = placed(fact.data.spec, routed)
    const pins = Object.fromEntries(spec.pins.repos.flatMap((r) => (r.commit ? [[r.name, r.commit] as const] : [])))
    const steps = Object.fromEntries(spec.workflow.compiled.steps.map((s) => [s.id, freshStep()] as const))
    return {
      run: fact.run,
      number,
      seq: fact.seq,
      spec,
      frozen,
      routed,
      specDigest,
      delivery,
      tainted,
      taint: null,
      cleared: null,
      held: null,
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
      pull: null,
      told: null,
      toldEarly: null,
      pending: [],
      resumed: 0,
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
    case 'run.routed': {
      const at = placed(state.spec, fact.data.option)
      return at.frozen === null ? state : { ...state, ...at, routed: fact.data.option }
    }
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
      return runMoved(state, fact)
    case 'run.finished':
      return { ...state, finished: { outcome: fact.data.outcome, why: fact.data.why, at: fact.at } }
    case 'run.resumed':
      return { ...state, finished: null, resumed: state.resumed + 1 }
    case 'run.tainted':
      return { ...state, tainted: true, taint: taintOf(state, fact.data), cleared: null }
    case 'run.held':
      return { ...state, held: fact.data }
    case 'review.heard':
      return reviewHeard(state, fact)
    case 'check.told':
      return checkTold(state, fact.data)
    case 'checks.heard':
      return checksHeard(state, fact)
    case 'pull.merged':
      return pullMerged(state, fact)
    case 'pull.closed':
      return pullClosed(state, fact)
    case 'pull.reopened':
      return pullReopened(state)
    case 'pull.moved':
      return pullMoved(state, fact)
    case 'pull.reverted':
      return pullReverted(state, fact)
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
    case 'settings.resolved':
      return state // nothing is decided by it
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
        unchanged: broughtTheSame(state, step, result) ? (state.steps[step]?.unchanged ?? 0) + 1 : 0,
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
        through: null,
        reconciled: false,
        failure: null,
        doneAt: null,
        looks: false,
        tried: [],
        settled: null,
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
    case 'intent.rehearsed':
      return actionDone(
        withIntent(state, fact.data.intent, { state: 'rehearsed', gate: fact.data.gate, doneAt: fact.at }),
        fact.data.intent,
        fact.at,
      )
    case 'effect.started': {
      const begun = withIntent(state, fact.data.intent, {
        state: 'executing',
        attempt: fact.data.attempt,
        retry: false,
        ...(fact.data.through && { through: fact.data.through }),
      })
      return state.intents[fact.data.intent]?.action === 'git.merge' ? merging(begun) : begun
    }
    case 'effect.succeeded':
      return effectDone(state, fact)
    case 'effect.failed':
      return notMerged(
        withIntent(tried(state, fact, 'failed', fact.data.failure.summary), fact.data.intent, {
          state: 'failed',
          failure: fact.data.failure,
          doneAt: fact.at,
        }),
        fact.data.intent,
        fact.data.failure,
      )
    case 'effect.unknown': {
      const unknown = withIntent(tried(state, fact, 'unknown', fact.data.why), fact.data.intent, { state: 'unknown' })
      return fact.data.attempt < automaticTries
        ? unknown
        : notMerged(unknown, fact.data.intent, {
            summary: `Whether it was merged is not known after ${fact.data.attempt} looks: ${fact.data.why}`,
            check: 'Look at the target branch; merging again looks first.',
          })
    }
    case 'effect.settled':
      return effectSettled(state, fact)
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
      return state.change ? { ...state, pending: [], change: { ...state.change, state: 'abandoned' } } : state
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

/** Did a step that was sent back bring the very tree again that it had brought before? */
const broughtTheSame = (state: RunState, id: string, result: StepResult): boolean => {
  const before = state.steps[id]
  const had = changeOf(before)
  return (
    before !== undefined &&
    before.round > 1 &&
    result.kind === 'change' &&
    had !== null &&
    had.tree === result.change?.tree
  )
}

/** One more attempt that did not succeed, in its words. */
const tried = (
  state: RunState,
  { data: { intent, attempt }, at }: Fact<'effect.failed'> | Fact<'effect.unknown'>,
  how: IntentState['tried'][number]['how'],
  why: string,
): RunState =>
  withIntent(state, intent, {
    tried: [...(state.intents[intent]?.tried ?? []), { attempt, how, why: why.slice(0, 1_000), at }].slice(
      -triedAtMost,
    ),
  })

/** Done by a person's word: the step goes on as after any success. Given up: nothing waits for it any more. */
const effectSettled = (state: RunState, { data, by, at }: Fact<'effect.settled'>): RunState => {
  const { intent, how, url, reason } = data
  const settled = withIntent(state, intent, {
    state: how === 'done' ? 'succeeded' : 'failed',
    doneAt: at,
    settled: { how, by: by.kind === 'system' ? 'Viewport' : by.name, url, reason, at },
  })
  if (how === 'done') return actionDone(settled, intent, at)
  const step = settled.intents[intent]?.step
  return step !== undefined && stepSpec(state, step)?.kind === 'action'
    ? withStep(settled, step, { status: 'done', finishedAt: at })
    : settled
}

/** However it came about, a step of the workflow that was to merge it has nothing left to do. */
const merged = (state: RunState, { data, at }: Fact<'change.merged'>): RunState =>
  mergeSteps(state)
    .filter((id) => state.steps[id]?.status !== 'done')
    .reduce((s, id) => withStep(s, id, { status: 'done', finishedAt: at }), mergedAs(state, data.commit))

const effectDone = (state: RunState, { data, at }: Fact<'effect.succeeded'>): RunState => {
  const { intent: id, receipt, reconciled } = data
  const done = withIntent(state, id, { state: 'succeeded', receipt, reconciled, doneAt: at, failure: null })
  const intent = done.intents[id]
  return actionDone(intent ? pushKnown(withPull(done, intent, receipt, at), intent, receipt) : done, id, at)
}

/** An action step is done when the intent it waits for has succeeded. A push that serves a later open_change keeps it waiting. */
const actionDone = (state: RunState, intent: string, at: number): RunState => {
  const done = state.intents[intent]
  const spec = done && stepSpec(state, done.step)
  if (!done || spec?.kind !== 'action' || spec.action !== done.action) return state
  return withStep(state, done.step, { status: 'done', finishedAt: at })
}

/** What nobody has let pass yet, all of it: a second text does not take the place of the first. */
const taintOf = (state: RunState, { why, account, text }: FactOf<'run.tainted'>): NonNullable<RunState['taint']> => {
  const before = state.cleared ? null : state.taint
  if (!before) return { why, account, text }
  return {
    why: before.why === why ? why : `${before.why}\n${why}`,
    account: before.account === account ? account : `${before.account}, ${account}`,
    text: `${before.text}\n\n---\n\n${text}`,
  }
}
