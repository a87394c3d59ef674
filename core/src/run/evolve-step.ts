/**
 * How does a step begin, how long has it worked, and what is it told when it is sent back?
 * Parts of the fold in `evolve`. They never add facts.
 */
import { actionForm } from '../action/actions.ts'
import { withStep } from './changed-part.ts'
import type { Fact } from './facts.ts'
import { openFor } from './pull-standing.ts'
import { dependents, noUsage, stepSpec, type RunState, type StepState } from './state.ts'
import type { Feedback } from '../wire/job.ts'

/** A step that nobody has begun. */
export const freshStep = (): StepState => ({
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
  unchanged: 0,
  asks: 0,
  beganAt: null,
  workMillis: 0,
  startedAt: null,
  finishedAt: null,
})

/** How long a step has worked when an attempt ends whose runner does not say how long it took. */
export const workedUntil = (state: RunState, id: string, at: number): number => {
  const { workMillis = 0, beganAt } = state.steps[id] ?? {}
  return workMillis + Math.max(0, at - (beganAt ?? at))
}

/** The step goes back to the start with what people and checks said; what rests on it starts again. */
export const reopened = (state: RunState, fact: Fact<'step.reopened'>): RunState => {
  const { step, round, because, gate } = fact.data
  const open = openFor(state) === step ? state.pending : []
  const note = [
    ...commentOf(state, gate),
    ...(because === 'checks_failed' ? failedChecks(state, step) : []),
    ...open.map(({ from, kind, text, lines, body, outside, told }) => ({
      from,
      kind,
      text,
      lines,
      body,
      ...(outside && { outside }),
      ...(told && { told }),
    })),
  ]
  const again = withStep(open.length > 0 ? { ...state, pending: [] } : state, step, {
    status: 'open',
    round,
    feedback: [...(state.steps[step]?.feedback ?? []), ...note],
    finishedAt: null,
  })
  const stays = doneForGood(state)
  return dependents(state, step).reduce((s, id) => {
    const spec = stepSpec(s, id)
    const before = s.steps[id]
    if (!before || stays.has(id)) return s
    const nextRound = spec?.kind === 'run' ? (because === 'checks_failed' ? before.round + 1 : 1) : round
    return withStep(s, id, { status: 'open', gate: null, intent: null, round: nextRound, finishedAt: null })
  }, again)
}

/**
 * What was done outside and carries no change is not done again for every round: a comment, a transition, and the gate that asked
 * about it. What carries the change follows it.
 */
const doneForGood = (state: RunState): Set<string> => {
  const { steps } = state.spec.workflow.compiled
  const done = steps.flatMap((spec) =>
    spec.kind === 'action' && actionForm(spec.action)?.change === false && state.steps[spec.id]?.status === 'done'
      ? [spec.id]
      : [],
  )
  const gates = steps.flatMap((spec) =>
    spec.kind === 'gate' && spec.gate === 'action' && done.includes(spec.of) ? [spec.id] : [],
  )
  return new Set([...done, ...gates])
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
