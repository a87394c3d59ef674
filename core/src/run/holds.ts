/**
 * What keeps a run from going on by itself, and whom does it ask?
 * Outside text nobody has let pass: then it may read and plan, and no more. A breaker that tripped when it was to start: then nothing of it begins.
 * Readings of the state and the questions they open. They never judge the text.
 */
import { revealed } from '../policy/hidden.ts'
import type { Trust } from '../event/trigger-event.ts'
import { closeGates, questionOf } from './consequence.ts'
import { bothEnds, fieldLine, shownEvent } from './shown-event.ts'
import { atLeast } from './wall-level.ts'
import type { Draft } from './facts.ts'
import type { Compiled, Step } from '../workflow/compiled.ts'
import { stepSpec, type GateState, type IntentState, type RunState } from './state.ts'

/** What the questions about the two are called. */
export const taintAbout = 'tainted'
export const breakerAbout = 'breaker'

/**
 * Does outside text that nobody has let pass hold this piece of work? `step`: of the workflow, that does it or asks for it. What a signed webhook told,
 * whose address an admin made, asks nothing of its own where the approval of a plan comes before everything that writes: that decision, on whose card
 * the text stands, is the one. Until it is made, and for whatever does not wait for it, the text holds as any other. Text that came later always asks.
 */
export const isTaintHeld = (state: Tainted, step: string): boolean =>
  isUnread(state) && !(isPlanTheWord(state) && waitsForPlan(state.spec.workflow.compiled.steps, step))

type Tainted = Pick<RunState, 'tainted' | 'cleared' | 'taint' | 'spec'>
const isUnread = ({ tainted, cleared }: Tainted): boolean => tainted && (cleared ?? null) === null

/** Is the approval of a plan asked instead of a question of its own? Then what works before it is held without anybody's word. */
const isPlanTheWord = ({ taint, spec }: Tainted): boolean =>
  (taint ?? null) === null && planIsTheWord(spec.event.tool, spec.workflow.compiled, spec.pins.agents)

/** The same for outside text that an event of this tool brings to a workflow, with these agents by step. */
export const planIsTheWord = (
  tool: string,
  { steps, runner }: Pick<Compiled, 'steps' | 'runner'>,
  agents: Readonly<Record<string, string>>,
): boolean => {
  const walled = runner.isolation !== null && atLeast(runner.isolation).includes('sandbox')
  return (
    tool === 'webhook' &&
    steps.every(
      (step) =>
        step.kind === 'gate' ||
        waitsForPlan(steps, step.id) ||
        (step.kind === 'agent' && step.mode !== 'edit' && (walled || agents[step.id] === sampleAgent)),
    )
  )
}

const sampleAgent = 'sample'

/** Is the agent of this step that of the sample? It does what is written in it, asks no model and reaches no host, so no text steers it. */
export const isSample = ({ spec }: Pick<RunState, 'spec'>, step: string): boolean =>
  spec.pins.agents[step] === sampleAgent

/** Can this step begin only after a gate on a plan let it, one that can stop the run? */
const waitsForPlan = (steps: readonly Step[], id: string): boolean => {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const seen = new Set<string>()
  const behind = (one: string): boolean =>
    (byId.get(one)?.needs ?? []).some((need) => {
      if (seen.has(need)) return false
      seen.add(need)
      const step = byId.get(need)
      return (step?.kind === 'gate' && step.gate === 'plan' && step.onReject !== 'continue') || behind(need)
    })
  return behind(id)
}

/** The outside text that an approval at this gate lets go on, for whoever decides there; null: it lets none. */
export const textLetBy = (state: RunState, gate: Pick<GateState, 'kind' | 'gateStep'>): string | null =>
  gate.kind === 'plan' && gate.gateStep !== null && isUnread(state) && isPlanTheWord(state) ? taintText(state) : null

/** May this step begin? A tainted run plans, reads and reviews: nothing that writes, checks or holds a secret. */
export const stepMayBegin = (state: RunState, id: string): boolean => {
  if (state.held) return false
  if (!isTaintHeld(state, id)) return true
  const spec = stepSpec(state, id)
  return spec?.kind === 'agent' && spec.mode !== 'edit'
}

/** May this effect begin? What had begun before is looked for. */
export const effectMayBegin = (state: RunState, intent: Pick<IntentState, 'attempt' | 'step'>): boolean =>
  !state.held && (!isTaintHeld(state, intent.step) || intent.attempt > 0)

/** The question that holds the run, while it is held and nobody was asked. */
export const asksToGoOn = (state: RunState, at: number): Draft[] => {
  if (state.held) return isAsked(state, breakerAbout) ? [] : asksBreaker(state, state.held, at)
  return !isUnread(state) || isPlanTheWord(state) || isAsked(state, taintAbout) ? [] : asksTaint(state, at)
}

/** Questions about this that nobody has answered. */
export const openQuestions = (state: Pick<RunState, 'gates'>, about: string): GateState[] =>
  Object.values(state.gates).filter(
    (gate) => gate.state === 'open' && gate.subject.kind === 'question' && gate.subject.about === about,
  )

/** Whoever reads the question that is open has not read what came now: it is asked anew, with all of it. */
export const taintAskedAnew = (state: RunState): Draft[] =>
  closeGates(
    openQuestions(state, taintAbout),
    'superseded',
    'More outside text came; all of it is asked about at once.',
  )

const isAsked = (state: RunState, about: string): boolean => openQuestions(state, about).length > 0

const firstStep = (state: RunState): string => state.spec.workflow.compiled.steps[0]!.id
const stop = { id: 'stop', label: 'Stop the run', text: 'optional' } as const

const asksBreaker = (state: RunState, { why }: NonNullable<RunState['held']>, at: number): Draft[] =>
  questionOf(state, {
    step: firstStep(state),
    about: breakerAbout,
    text: `${why} Nothing of this run has begun. Let it start, and count from here? Until somebody decides, or the pause is over, further events of this kind start nothing.`,
    choices: [{ id: 'go_on', label: 'Let it start', text: 'none' }, stop],
    at,
    why: 'A breaker tripped before it began.',
  })

const asksTaint = (state: RunState, at: number): Draft[] =>
  questionOf(state, {
    step: firstStep(state),
    about: taintAbout,
    text: `Outside text reached this run: may it write? ${taintText(state)}`,
    choices: [{ id: 'go_on', label: 'I have read it: let the run write', text: 'none' }, stop],
    at,
    why: 'Outside text reached the run: it holds no key and reaches no further host until somebody has read it.',
  })

const trusts: Readonly<Record<Trust, string>> = {
  member: 'a person of the workspace',
  collaborator: 'may write to the repository, no person of the workspace',
  source: 'a webhook, which tells of nobody',
  outsider: 'an outsider',
  bot: 'a program',
  self: 'a run of Viewport',
  unknown: 'nobody can tell who that is',
}

/** Who wrote it, and the text with everything a page would not show. */
const taintText = ({ spec, taint }: RunState): string => {
  const event = shownEvent(spec.event)
  const { actor, text, subject } = event
  if (taint)
    return `${bothEnds(revealed(taint.why), 1_500, 500)}\nAccount: ${shown(taint.account, 1_000)}\n\n${whole(revealed(taint.text))}`
  const by = `The event came by ${JSON.stringify(actor.name)} (${actor.id}): ${trusts[actor.trust]}. Somebody who is no person of the workspace wrote in its text, or nobody can tell who did.`
  const about = [`About: ${subject.label}`, `Address: ${subject.url ?? 'none'}`, `Event: ${event.id}`].join('\n')
  return `${by}\n${about}\n\n${subject.title}\n\n${revealed(text)}${fieldsOf(event)}`
}

/** The agent is given the event's fields too: what stands in them is read as well, their names included. */
const fieldsOf = ({ fields, text, subject }: RunState['spec']['event']): string => {
  const all = Object.entries(fields)
  const isEmpty = (value: unknown): boolean =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0)
  const lines = all.flatMap(([name, value]) => {
    if (isEmpty(value)) return []
    const above = value === text ? 'text' : value === subject.title ? 'title' : null
    return [above === null ? fieldLine(name, value) : `${revealed(name)}: the ${above} above`]
  })
  const empty = all.flatMap(([name, value]) => (isEmpty(value) ? [revealed(name)] : []))
  if (empty.length > 0) lines.push(`Empty: ${empty.join(', ')}`)
  return lines.length === 0 ? '' : `\n\nIts fields:\n${lines.join('\n')}`
}

/** On one line: an empty one ends our own words, and a name must not. */
const shown = (text: string, most: number): string =>
  revealed(text).replaceAll(/\s+/g, ' ').slice(0, most).toWellFormed()

const headChars = 10_000
const tailChars = 5_000
const whole = (text: string): string => bothEnds(text, headChars, tailChars)
