/**
 * Where is a run? The fold of its facts. Plain JSON values only, so that a snapshot can be kept beside the facts.
 * It never holds anything that the facts do not say.
 */
import type { BodyRef } from '../digest/body.ts'
import type { Change, GateKind, Subject } from '../gate/subject.ts'
import type {
  ContextItem,
  Failure,
  FactOf,
  Isolation,
  ModelUse,
  Receipt,
  StepResult,
  Through,
  Usage,
  Via,
} from './facts.ts'
import type { News, Noted, PullState } from './pull-state.ts'
import type { RunSpec } from './spec.ts'
import type { Book } from './told-book.ts'
import { buildsOn } from '../workflow/builds-on.ts'

/** open: not begun in this round (ready once its needs are done) · waiting: its gate is open or its effect is under way */
export type StepStatus = 'open' | 'running' | 'parked' | 'finished' | 'failed' | 'lost' | 'waiting' | 'done'

export type StepState = {
  status: StepStatus
  round: number // from 1; grows each time the step is sent back
  attempt: number // 0 before the first
  epoch: number
  runner: string | null
  agent: { name: string; version: string | null; tested: boolean } | null
  isolation: Isolation | null
  session: string | null // of the last attempt, for resuming
  builtOn: string | null // tree of the earlier edit that the last attempt started from
  feedback: Noted[] // for the next attempt of this round
  result: StepResult | null // of the latest finished attempt
  failure: Failure | null
  usage: Usage // sum over attempts
  log: BodyRef | null
  gate: string | null // gate steps: the gate of this round
  intent: string | null // action steps: the last intent of this round
  /** How often in a row it was sent back and brought the very tree it had brought before. */
  unchanged: number
  asks: number // gates asked for in this attempt
  beganAt: number | null // when the last attempt began
  workMillis: number // sum over attempts; what a parked or lost attempt took is counted by the control plane's clock
  startedAt: number | null
  finishedAt: number | null
}

export type VoteState = {
  person: string
  name: string
  verdict: FactOf<'decision.made'>['verdict']
  digest: string
  at: number
  seq: number
  via: Via
  comment: string | null
  lines: FactOf<'decision.made'>['lines']
  answer: FactOf<'decision.made'>['answer']
  selfApproved: boolean
}

export type GateState = {
  id: string
  kind: GateKind
  name: string
  step: string // whose result, ask or trouble it is about
  gateStep: string | null // the workflow's gate step, when it is one
  round: number
  attempt: number
  ask: string | null // the agent's ask it answers
  push: { repo: string; ref: string } | null
  subject: Subject
  digest: string
  body: BodyRef | null
  approvers: string[]
  required: number
  exclude: string[]
  excluded: { person: string; why: string }[]
  expiresAt: number | null
  onExpiry: 'reject' | { escalate: string[] }
  remindAt: number | null
  why: string
  votes: VoteState[]
  state: 'open' | 'closed'
  outcome: FactOf<'gate.closed'>['outcome'] | null
  openedAt: number
  closedAt: number | null
}

export type IntentState = {
  id: string
  action: string
  step: string
  key: string
  digest: string
  params: Record<string, unknown>
  change: Change | null
  target: string
  at: 'runner' | 'server'
  /** rehearsed: shown in a rehearsal, never done */
  state: 'proposed' | 'approved' | 'executing' | 'succeeded' | 'failed' | 'unknown' | 'rehearsed'
  attempt: number // 0 before the first
  retry: boolean // a person or the rule said: once more
  gate: string | null
  receipt: Receipt | null
  /** Through which connection the latest attempt of the control plane went. */
  through: Through | null
  reconciled: boolean
  failure: Failure | null
  doneAt: number | null
  /** A person asked for a look and no more: until somebody says "try again" it is found, or not, and never done. */
  looks: boolean
  /** What came of the attempts that did not succeed, the latest last. */
  tried: { attempt: number; how: 'failed' | 'unknown'; why: string; at: number }[]
  /** A person closed it: they saw it done, or gave it up. It is their word and no receipt. */
  settled: { how: FactOf<'effect.settled'>['how']; by: string; url: string | null; reason: string; at: number } | null
}

/** So many attempts of an effect are remembered in words; the facts hold all. */
export const triedAtMost = 20

export type ChangeState = {
  id: string
  repo: string
  ref: string
  into: string
  title: string
  body: string | null
  change: Change
  state: 'open' | 'merging' | 'merged' | 'abandoned'
  /** Why the last merge did not come about; the change is open again. */
  failure: { summary: string; check: string } | null
  commit: string | null
}

export type RunState = {
  run: string
  number: number
  seq: number // of the last fact
  /** As it is at the place that was chosen, where the workflow has a route. */
  spec: RunSpec
  /** The spec as it was frozen, where that is another. Kept beside the state, not in it. */
  frozen: RunSpec | null
  /** The place in `spec.routing.options` where its event is worked on; null: there is no route, or a person has not chosen yet. */
  routed: number | null
  specDigest: string
  delivery: string | null
  tainted: boolean
  /** The outside text that reached it after it had started; null: that of its event. */
  taint: { why: string; account: string; text: string } | null
  /** Who read the outside text and let the run go on; null: nobody has, since the last of it came. */
  cleared: { person: string; name: string; at: number } | null
  /** A breaker tripped when it was to start, and nobody let it start yet. */
  held: { limit: FactOf<'run.held'>['limit']; why: string } | null
  startedAt: number
  lastAt: number
  finished: { outcome: FactOf<'run.finished'>['outcome']; why: string; at: number } | null
  cancelling: { reason: string; by: string; at: number } | null
  /** The first runner: its clone, evidence and sessions are there. */
  runner: string | null
  pins: Record<string, string> // repository -> commit
  steps: Record<string, StepState>
  gates: Record<string, GateState>
  intents: Record<string, IntentState>
  change: ChangeState | null
  /** The pull request that the run opened at a forge. */
  pull: PullState | null
  /** What CI told by its own token of the commit `head` that was pushed last, by connection and job. `acted`: a failure of it sent the step back. */
  told: (Book & { head: string; acted: boolean }) | null
  /** What CI told while the push of this intent was under way; `head`: the commit that it pushed, once that is known. */
  toldEarly: (Book & { push: string; head: string | null }) | null
  /** What reviewers and checks said of what stands open, until the step is sent back with it. */
  pending: News[]
  /** How often the run went on after its work was done. */
  resumed: number
  /** What each step was given the last time, and whether its agent said that it used it. Ids are a step's own. */
  context: { step: string; item: ContextItem; use: 'used' | 'unused' | 'not said' }[]
  contextMissing: { step: string; wish: string; why: string }[]
  /** how often a person let the run go on after its budget was spent: each time the whole budget once more */
  budgetsGranted: number
  /** commands a person named where the repository declares no checks */
  checkCommands: string[] | null
  counts: { gates: number; intents: number; refusals: number; pushesRefused: number }
}

export const noUsage: Usage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  usdMicros: null,
  source: 'none',
}

const add = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b)
const rank = { none: 0, gateway: 1, agent: 2, unavailable: 3 } as const

/** Sum of two usages. `unavailable` anywhere stays visible: a sum with an unknown part is not the whole. */
export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: add(a.inputTokens, b.inputTokens),
  outputTokens: add(a.outputTokens, b.outputTokens),
  cachedTokens: add(a.cachedTokens, b.cachedTokens),
  usdMicros: add(a.usdMicros, b.usdMicros),
  source: rank[a.source] >= rank[b.source] ? a.source : b.source,
  ...((a.estimated ?? b.estimated) && {
    estimated: {
      tokens: (a.estimated?.tokens ?? 0) + (b.estimated?.tokens ?? 0),
      usdMicros: (a.estimated?.usdMicros ?? 0) + (b.estimated?.usdMicros ?? 0),
    },
  }),
  ...((a.models || b.models) && { models: addModels(a.models ?? [], b.models ?? []) }),
})

/** So many models are told apart; an agent that uses more is told by those it used most. */
export const modelsAtMost = 20

const addModels = (a: readonly ModelUse[], b: readonly ModelUse[]): ModelUse[] => {
  const sums = new Map<string, ModelUse>()
  for (const one of [...a, ...b]) {
    const key = `${one.provider} ${one.model}`
    const before = sums.get(key)
    sums.set(
      key,
      before
        ? {
            ...one,
            requests: before.requests + one.requests,
            inputTokens: before.inputTokens + one.inputTokens,
            outputTokens: before.outputTokens + one.outputTokens,
            cachedTokens: before.cachedTokens + one.cachedTokens,
            usdMicros: before.usdMicros === null || one.usdMicros === null ? null : before.usdMicros + one.usdMicros,
          }
        : one,
    )
  }
  const total = ({ inputTokens, outputTokens }: ModelUse): number => inputTokens + outputTokens
  return [...sums.values()].toSorted((x, y) => total(y) - total(x)).slice(0, modelsAtMost)
}

/** Usage of the whole run. */
export const runUsage = (state: RunState): Usage =>
  Object.values(state.steps).reduce((sum, step) => addUsage(sum, step.usage), noUsage)

/** The compiled step with this id, or undefined. */
export const stepSpec = (state: Pick<RunState, 'spec'>, id: string) =>
  state.spec.workflow.compiled.steps.find((s) => s.id === id)

/** Every step that needs this one, directly or through others, in order. */
export const dependents = (state: Pick<RunState, 'spec'>, id: string): string[] => {
  const found = new Set([id])
  for (const step of state.spec.workflow.compiled.steps) if (step.needs.some((n) => found.has(n))) found.add(step.id) // steps are ordered: needs come first
  found.delete(id)
  return [...found]
}

/** The latest change of a step's tree, or null. */
export const changeOf = (step: StepState | undefined): Change | null =>
  step?.result?.kind === 'change' ? step.result.change : null

/** The change of the earlier step that this one's edits start from, or null when they start from the repository itself. */
export const earlierChange = (state: RunState, id: string): Change | null => {
  const spec = stepSpec(state, id)
  if (spec?.kind !== 'agent' || spec.mode !== 'edit') return null
  const earlier = buildsOn(state.spec.workflow.compiled.steps, id)
  return earlier === null ? null : changeOf(state.steps[earlier])
}

/** Questions about the whole run, which hold no step of their own: what they hold, `holds.ts` says. */
export const isAboutRun = ({ subject }: Pick<GateState, 'subject'>): boolean =>
  subject.kind === 'question' && (subject.about === 'tainted' || subject.about === 'breaker')

/** Open gates of a step that are not the workflow's own gate steps (commands, questions). */
export const openAsks = (state: RunState, step: string): GateState[] =>
  Object.values(state.gates).filter(
    (g) => g.state === 'open' && g.step === step && g.gateStep === null && !isAboutRun(g),
  )

/** Effects of a step's recorded pushes that are approved and not settled. */
const openPushes = (state: RunState, step: string): IntentState[] =>
  Object.values(state.intents).filter(
    (i) =>
      i.step === step &&
      stepSpec(state, step)?.kind === 'agent' &&
      i.state !== 'succeeded' &&
      i.state !== 'failed' &&
      i.state !== 'rehearsed',
  )

/** Has this step brought what the steps after it need? */
export const isDone = (state: RunState, id: string): boolean => {
  const step = state.steps[id]
  if (!step) return false
  if (step.status === 'done') return true
  return step.status === 'finished' && openAsks(state, id).length === 0 && openPushes(state, id).length === 0
}

/** Are all needs of a step done? */
export const needsDone = (state: RunState, id: string): boolean =>
  stepSpec(state, id)?.needs.every((n) => isDone(state, n)) ?? false

/** Was the run stopped, or did it end otherwise than well? Then nothing new may leave it. */
export const isStopped = (state: RunState): boolean =>
  state.finished ? state.finished.outcome !== 'succeeded' : state.cancelling !== null

/** Did a person ask for this merge on the page of the change? Then it belongs to them, and the end of the run does not end it. */
export const isPersonsMerge = (state: Pick<RunState, 'spec'>, intent: Pick<IntentState, 'action' | 'step'>): boolean =>
  intent.action === 'git.merge' && stepSpec(state, intent.step) === undefined

/** Is anything of this run in a runner's hands now? */
export const inHand = (state: RunState): boolean =>
  Object.values(state.steps).some((s) => s.status === 'running') ||
  Object.values(state.intents).some((i) => i.state === 'executing')
