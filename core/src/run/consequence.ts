/**
 * Which facts does a turn of events bring: a gate opens, a step is sent back, the run ends?
 * Builders of drafts from the state. They never decide whether the turn comes.
 */
import { subjectDigest, type Subject } from '../gate/subject.ts'
import { idWithin } from '../ids.ts'
import type { BodyRef } from '../digest/body.ts'
import type { Compiled, GateStep } from '../workflow/compiled.ts'
import { dependents, isAboutRun, stepSpec, type GateState, type RunState } from './state.ts'
import type { Actor, Draft, FactOf } from './facts.ts'

const system = { kind: 'system' } as const

/** The run ends. Gates that are open then close right before (`closedByTheEnd`), whoever ends it. */
export const finish = (outcome: FactOf<'run.finished'>['outcome'], why: string): Draft[] => [
  { type: 'run.finished', by: system, data: { outcome, why: why.slice(0, 2_000) } },
]

/** Gates close by themselves, or by the vote that was just given. */
export const closeGates = (
  gates: readonly GateState[],
  outcome: FactOf<'gate.closed'>['outcome'],
  why: string,
): Draft[] => gates.map((g) => ({ type: 'gate.closed', by: system, data: { gate: g.id, outcome, why } }))

/** Something was refused: kept as evidence. */
export const keptRefusal = (
  by: Actor,
  code: string,
  words: string,
  step: string | null,
  about: Record<string, unknown>,
): Draft => ({ type: 'refusal.recorded', by, data: { code, words, step, about } })

/** Nobody is asked any more when a run ends: what is still open, of a step beside the one that ended it, closes with it. */
export const closedByTheEnd = (state: RunState): Draft[] =>
  closeGates(
    Object.values(state.gates).filter((g) => g.state === 'open'),
    'superseded',
    'The run ended.',
  )

/** Open gates about a step or about what rests on it. */
const gatesOver = (state: RunState, step: string): GateState[] => {
  const over = new Set([step, ...dependents(state, step)])
  return Object.values(state.gates).filter(
    (g) => g.state === 'open' && !isAboutRun(g) && (over.has(g.step) || (g.gateStep !== null && over.has(g.gateStep))),
  )
}

/** Sends a step back: what rests on it starts again, gates over it close as superseded. */
export const reopen = (
  state: RunState,
  step: string,
  because: FactOf<'step.reopened'>['because'],
  gate: string | null,
): Draft[] => {
  const round = (state.steps[step]?.round ?? 0) + (because === 'checks_failed' ? 0 : 1)
  return [
    ...closeGates(gatesOver(state, step), 'superseded', 'The step was sent back.'),
    { type: 'step.reopened', by: system, data: { step, round, because, gate } },
  ]
}

/** Who decides where no gate step says it: the approvers of the step's change gate, else of any gate, else the team. */
export const approversFor = (state: RunState, step: string): string[] => approversIn(state.spec.workflow.compiled, step)

/** The same by the workflow alone, as it is at its place. */
export const approversIn = ({ steps, team }: Pick<Compiled, 'steps' | 'team'>, step: string): string[] => {
  const gates = steps.filter((s): s is GateStep => s.kind === 'gate')
  const gate = gates.find((g) => g.of === step && g.gate === 'change') ?? gates.find((g) => g.of === step) ?? gates[0]
  return gate?.approvers ?? (team ? [`team:${team}`] : ['role:admin'])
}

type Ask = {
  kind: GateState['kind']
  name: string
  step: string
  gateStep: string | null
  ask: string | null
  subject: Subject
  body: BodyRef | null
  approvers: string[]
  required: number
  exclude: string[]
  excluded: GateState['excluded']
  expiresAt: number | null
  onExpiry: GateState['onExpiry']
  remindAt: number | null
  why: string
  kept?: FactOf<'gate.opened'>['kept']
}

/** A gate opens on exactly this subject. */
export const openGate = (state: RunState, ask: Ask): Draft<'gate.opened'> => ({
  type: 'gate.opened',
  by: system,
  data: {
    gate: idWithin('gate', state.run, state.counts.gates + 1),
    round: state.steps[ask.step]?.round ?? 1,
    digest: subjectDigest(ask.subject),
    ...ask,
    why: ask.why.slice(0, 1_000), // it names paths, and an agent chooses how long those are
  },
})

const day = 86_400_000

/** How a gate asks that the workflow does not write: one vote of whom it names for the step, without an end, with a reminder after a day. */
export const unwritten = (state: RunState, step: string, at: number) => ({
  step,
  gateStep: null,
  approvers: approversFor(state, step),
  required: 1,
  exclude: [],
  excluded: [],
  expiresAt: null,
  onExpiry: 'reject' as const,
  remindAt: at + day,
})

/** A question that holds the run until a person answers it: one of `approvers`, else of those whom the workflow names for the step. */
export const question = (
  state: RunState,
  step: string,
  about: string,
  text: string,
  choices: Choices,
  at: number,
  approvers: string[] | null = null,
): Draft[] =>
  questionOf(state, {
    step,
    about,
    text: text.slice(0, 4_000),
    choices,
    at,
    why: 'The run cannot go on by itself.',
    approvers,
  })

type Choices = { id: string; label: string; text: 'none' | 'optional' | 'required' }[]
type Question = {
  step: string
  about: string
  text: string
  choices: Choices
  at: number
  why: string
  approvers?: string[] | null
}

/** The same with its own reason, and a text as long as a question may have. */
export const questionOf = (
  state: RunState,
  { step, about, text, choices, at, why, approvers = null }: Question,
): Draft[] => {
  const round = state.steps[step]?.round ?? 1
  const subject: Subject = {
    kind: 'question',
    run: state.run,
    step,
    round,
    about,
    text: text.slice(0, 20_000).toWellFormed(),
    body: null,
    choices,
  }
  return [
    openGate(state, {
      ...unwritten(state, step, at),
      ...(approvers && { approvers }),
      kind: 'question',
      name: about,
      ask: null,
      subject,
      body: null,
      why,
    }),
  ]
}

/** The step that *request changes* at this gate sends back. */
export const sentBack = (state: RunState, gate: GateState): string => {
  const spec = gate.gateStep ? stepSpec(state, gate.gateStep) : undefined
  return spec?.kind === 'gate' ? spec.of : gate.step
}
