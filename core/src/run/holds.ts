/**
 * What keeps a run from going on by itself, and whom does it ask?
 * Outside text nobody has let pass: then it may read and plan, and no more. A breaker that tripped when it was to start: then nothing of it begins.
 * Readings of the state and the questions they open. They never judge the text.
 */
import { revealed } from '../policy/hidden.ts'
import type { Trust } from '../event/trigger-event.ts'
import { questionOf } from './consequence.ts'
import type { Draft } from './facts.ts'
import { stepSpec, type GateState, type IntentState, type RunState } from './state.ts'

/**
 * Has outside text reached this run, and has nobody let it go on since? What a signed webhook told, whose address an admin made, asks nothing of its
 * own where the approval of a plan comes before everything that writes: that decision is the one. Text that came later always asks.
 */
export const isTaintHeld = ({
  tainted,
  cleared,
  taint,
  spec,
}: Pick<RunState, 'tainted' | 'cleared' | 'taint' | 'spec'>): boolean =>
  tainted &&
  (cleared ?? null) === null &&
  !((taint ?? null) === null && spec.event.tool === 'webhook' && planComesFirst(spec.workflow.compiled))

/** Does a gate on a plan, which can stop it, come before every step that edits, checks, acts or remembers? */
const planComesFirst = ({ steps }: RunState['spec']['workflow']['compiled']): boolean => {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const behind = (id: string, seen: Set<string>): boolean =>
    (byId.get(id)?.needs ?? []).some((need) => {
      if (seen.has(need)) return false
      seen.add(need)
      const step = byId.get(need)
      return (step?.kind === 'gate' && step.gate === 'plan' && step.onReject !== 'continue') || behind(need, seen)
    })
  return steps.every(
    (step) => step.kind === 'gate' || (step.kind === 'agent' && step.mode !== 'edit') || behind(step.id, new Set()),
  )
}

/** May this step begin? A tainted run plans, reads and reviews: nothing that writes, checks or holds a secret. */
export const stepMayBegin = (state: RunState, id: string): boolean => {
  if (state.held) return false
  if (!isTaintHeld(state)) return true
  const spec = stepSpec(state, id)
  return spec?.kind === 'agent' && spec.mode !== 'edit'
}

/** May this effect begin? What had begun before is looked for. */
export const effectMayBegin = (state: RunState, intent: Pick<IntentState, 'attempt'>): boolean =>
  !state.held && (!isTaintHeld(state) || intent.attempt > 0)

/** The question that holds the run, while it is held and nobody was asked. */
export const asksToGoOn = (state: RunState, at: number): Draft[] => {
  if (state.held) return isAsked(state, 'breaker') ? [] : asksBreaker(state, state.held, at)
  return !isTaintHeld(state) || isAsked(state, 'tainted') ? [] : asksTaint(state, at)
}

/** Questions about this that nobody has answered. */
export const openQuestions = (state: Pick<RunState, 'gates'>, about: string): GateState[] =>
  Object.values(state.gates).filter(
    (gate) => gate.state === 'open' && gate.subject.kind === 'question' && gate.subject.about === about,
  )

const isAsked = (state: RunState, about: string): boolean => openQuestions(state, about).length > 0

const firstStep = (state: RunState): string => state.spec.workflow.compiled.steps[0]!.id
const stop = { id: 'stop', label: 'Stop the run', text: 'optional' } as const

const asksBreaker = (state: RunState, { why }: NonNullable<RunState['held']>, at: number): Draft[] =>
  questionOf(state, {
    step: firstStep(state),
    about: 'breaker',
    text: `${why} Nothing of this run has begun. Let it start, and count from here? Until somebody decides, or the pause is over, further events of this kind start nothing.`,
    choices: [{ id: 'go_on', label: 'Let it start', text: 'none' }, stop],
    at,
    why: 'A breaker tripped before it began.',
  })

const asksTaint = (state: RunState, at: number): Draft[] =>
  questionOf(state, {
    step: firstStep(state),
    about: 'tainted',
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
  const { actor, text, subject } = spec.event
  if (taint) return `${taint.why}\nAccount: ${shown(taint.account, 1_000)}\n\n${whole(revealed(taint.text))}`
  const by = `The event came by ${shown(actor.name, 200)} (${shown(actor.id, 200)}): ${trusts[actor.trust]}. Somebody who is no person of the workspace wrote in its text, or nobody can tell who did.`
  return `${by}\n\n${shown(subject.title, 400)}\n\n${whole(revealed(text))}${fieldsOf(spec.event.fields, [subject.title, text])}`
}

/** The agent is given the event's fields too: what stands in them is read as well, save what is the same text to the letter. */
const fieldsOf = (fields: RunState['spec']['event']['fields'], shownAbove: readonly unknown[]): string => {
  const said = Object.entries(fields).filter(
    ([, value]) =>
      value !== null && value !== '' && !shownAbove.includes(value) && !(Array.isArray(value) && value.length === 0),
  )
  return said.length === 0
    ? ''
    : `\n\nIts fields:\n${whole(revealed(said.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join('\n')))}`
}

/** Line by line a text would break out of its place. */
const shown = (text: string, most: number): string => revealed(text).slice(0, most).toWellFormed()

const headChars = 10_000
const tailChars = 5_000
const whole = (text: string): string => bothEnds(text, headChars, tailChars)

/** Both ends of a long text: what is left out is said, and the end is never what is hidden. */
export const bothEnds = (text: string, head: number, tail: number): string =>
  text.length <= head + tail
    ? text
    : `${text.slice(0, head).toWellFormed()}\n[${text.length - head - tail} characters are left out here; the run's facts have all of it]\n${text.slice(-tail).toWellFormed()}`
