/**
 * What exactly is a runner asked to do for this piece of work?
 * Built from the state when a lease is given, so that nothing about it needs to be stored. It never holds a credential.
 */
import { runTitle } from '../match/title.ts'
import type { AgentJob, ChecksJob, EffectJob, Feedback, Job, JobRepo } from '../wire/job.ts'
import { budgetLeft } from './budget.ts'
import { isOnlyLookedFor, type Due } from './due.ts'
import { isSample, isTaintHeld } from './holds.ts'
import { givenEvent } from './shown-event.ts'
import { outsideEffect } from './outside-effect.ts'
import { changeOf, earlierChange, stepSpec, type IntentState, type RunState } from './state.ts'
import { templateValuesOf } from './template-values-of.ts'
import { renderTemplate } from '../workflow/template.ts'
import { toldSteps } from '../workflow/told-steps.ts'
import type { Needed } from '../wire/holding.ts'
import type { Change } from '../gate/subject.ts'
import type { AgentStep, RunStep } from '../workflow/compiled.ts'

/** The job of a due piece of work. Throws when the piece is not of this state (a fault: due and job read the same state). */
export const jobOf = (state: RunState, due: Extract<Due, { kind: 'work' }>): Job => {
  if (due.work === 'effect') return effectJob(state, due)
  const spec = stepSpec(state, due.step)
  if (spec?.kind === 'agent') return agentJob(state, spec)
  if (spec?.kind === 'run') return checksJob(state, spec)
  throw new Error(`${due.step} of ${state.run} is no work for a runner`)
}

const reposOf = (state: RunState): JobRepo[] =>
  state.spec.pins.repos.map((repo) => ({
    name: repo.name,
    url: repo.url,
    ref: repo.ref,
    commit: Object.hasOwn(state.pins, repo.name) ? state.pins[repo.name]! : repo.commit,
    // Never where outside text reached the run: who wrote it could have the agent do with these tools what nobody here asked for.
    ...(repo.agentSettings && !state.tainted && { agentSettings: repo.agentSettings }),
    use: state.spec.workflow.compiled.repos.find((r) => r.name === repo.name) ?? {
      name: repo.name,
      ref: null,
      access: 'read',
      write: [],
      protect: [],
    },
  }))

/** What is left of the run's budget; due work has something left, so the floor is never felt. */
const limitsOf = (state: RunState) => {
  const left = budgetLeft(state)
  return { ...left, seconds: Math.max(1, left.seconds) }
}

/** Answers to the asks of the attempt that was parked, in order. */
const answersOf = (state: RunState, step: string) =>
  Object.values(state.gates)
    .filter(
      (g) => g.step === step && g.ask !== null && g.state === 'closed' && g.attempt === state.steps[step]?.attempt,
    )
    .map((g) => {
      const vote = g.votes.at(-1)
      return {
        ask: g.ask!,
        allow: g.outcome === 'approved' || g.outcome === 'answered',
        text:
          vote?.answer?.text ??
          vote?.comment ??
          (g.subject.kind === 'question'
            ? (g.subject.choices.find((c) => c.id === vote?.answer?.choice)?.label ?? null)
            : null),
      }
    })

/** The change that the agent finds in its clone: its own of the round before, unless what it was built on has changed since. */
const startOf = (state: RunState, spec: AgentStep): Change | null => {
  if (spec.of) return changeOf(state.steps[spec.of])
  const step = state.steps[spec.id]!
  const under = earlierChange(state, spec.id)
  const own = changeOf(step)
  return own && (step.builtOn ?? null) === (under?.tree ?? null) ? own : under
}

const agentJob = (state: RunState, spec: AgentStep): AgentJob => {
  const step = state.steps[spec.id]!
  const followed = spec.follows ? state.steps[spec.follows]?.result : undefined
  const parked = step.status === 'parked' && step.session !== null
  const compiled = state.spec.workflow.compiled
  const event = givenEvent(state)
  // Whose word a note is counts here alone.
  const feedback = step.feedback.map(({ from, kind, text, lines, body, outside }): Feedback => ({
    from,
    kind,
    text,
    lines,
    body,
    ...(outside && { outside }),
  }))
  const resume = parked
    ? { session: step.session!, answers: answersOf(state, spec.id) }
    : feedback.length && step.session
      ? { session: step.session, answers: [] }
      : null
  return {
    kind: 'agent',
    mode: spec.mode,
    agent: state.spec.pins.agents[spec.id] ?? spec.agent ?? '',
    ...(spec.model !== undefined && { model: spec.model }),
    title: runTitle(event),
    prompt: spec.prompt === null ? null : renderTemplate(spec.prompt, templateValuesOf(state, event), 'prompt').text,
    event,
    inputs: state.spec.inputs,
    repos: reposOf(state),
    start: startOf(state, spec),
    plan: followed?.kind === 'plan' ? { body: followed.body, files: followed.files } : null,
    feedback,
    resume,
    context: spec.context ?? compiled.context,
    contextTokens: 8_000,
    commands: spec.commands,
    branch: state.spec.branch,
    ...(toldSteps(compiled.steps).has(spec.id) && { tell: true as const }),
    ...hostsOf(state, spec.id),
    ...(getsNothing(state, spec.id) && { tainted: true as const }),
    limits: limitsOf(state),
  }
}

/** No secret of a tool for a run that nobody has let go on, and for a rehearsal, which does nothing outside. */
const getsNothing = (state: RunState, step: string): boolean =>
  state.spec.rehearsal !== undefined || isTaintHeld(state, step)

/**
 * Of a tainted run only the hosts that the workflow names by itself: without any, its model and nothing else. A rehearsal reaches its model alone,
 * whatever is named: what is told a host has happened.
 */
const hostsOf = (state: RunState, step: string): { hosts?: string[] } => {
  if (state.spec.rehearsal !== undefined && !isSample(state, step)) return { hosts: [] }
  const named = state.spec.workflow.compiled.network?.agents
  return named ? { hosts: named } : isTaintHeld(state, step) && !isSample(state, step) ? { hosts: [] } : {}
}

const checksJob = (state: RunState, spec: RunStep): ChecksJob => ({
  ...(state.spec.rehearsal !== undefined
    ? { hosts: [], tainted: true as const }
    : state.spec.workflow.compiled.network?.checks && { hosts: state.spec.workflow.compiled.network.checks }),
  kind: 'checks',
  round: state.steps[spec.id]!.round,
  commands: spec.commands ?? state.checkCommands,
  repos: reposOf(state),
  change: changeOf(state.steps[spec.of]),
  baseline: spec.baseline && state.steps[spec.id]!.round === 1 && state.steps[spec.id]!.result === null,
  limits: limitsOf(state),
})

/** Settings of the connection and the team's place are added by whoever knows them. */
const outsideOf = (state: RunState, intent: IntentState, { tool, connection, at }: Needed): EffectJob['outside'] => {
  const { target, commit, opened, told, page, depth } = outsideEffect(state, intent, '')
  return {
    tool,
    connection: { id: '', name: connection, at, settings: {} },
    target,
    commit,
    opened: opened ?? null,
    told: { ...told, approvedBy: [...told.approvedBy] },
    page,
    ...(depth !== undefined && { depth }),
    home: null,
  }
}

const effectJob = (state: RunState, due: Extract<Due, { kind: 'work' }>): EffectJob => {
  const intent = state.intents[due.intent ?? '']
  if (!intent) throw new Error(`${state.run} has no intent ${due.intent}`)
  return {
    kind: 'effect',
    intent: intent.id,
    key: intent.key,
    action: intent.action,
    attempt: due.attempt,
    digest: intent.digest,
    params: intent.params,
    change: intent.change,
    repos: reposOf(state),
    // An effect is no work of an agent: what was approved is done whatever was spent before.
    limits: { ...limitsOf(state), seconds: state.spec.workflow.compiled.budget.seconds },
    ...(due.credential && { outside: outsideOf(state, intent, due.credential) }),
    ...(isOnlyLookedFor(state, intent) && { lookOnly: true }),
  }
}
