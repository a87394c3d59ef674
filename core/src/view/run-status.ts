/**
 * How does a run stand, in one sentence for people who look from outside: a thread, an issue?
 * Our own words, and apart from them what came from outside or from an agent, which whoever shows it must quote. It never says what a plan or a change holds.
 */
import { linkOf } from '../run/receipt-link.ts'
import { runTitle } from '../match/title.ts'
import { due } from '../run/due.ts'
import { routeAbout } from '../run/routed.ts'
import type { GateState, RunState } from '../run/state.ts'
import { stuckIntent } from '../run/stuck-effect.ts'
import { effectDoes } from './effect-words.ts'

export type RunStatus = {
  /** Of the run, in its workspace. */
  readonly number: number
  /** What it is about, from outside. */
  readonly title: string
  readonly tone: 'queued' | 'run' | 'wait' | 'done' | 'stop'
  /** A sentence of ours; no word of it is from outside. */
  readonly says: string
  /** Why it ended, from outside or in the words of an agent; null: there is nothing to add. */
  readonly why: string | null
  /** Whom it waits for, as principals; `gate`: where they decide. */
  readonly waits: readonly string[]
  readonly gate: string | null
  /** What it brought, with the address that the tool gave. */
  readonly brought: readonly { readonly says: string; readonly url: string }[]
  /** Its steps are done. What stands open for others may still bring it back. */
  readonly over: boolean
}

const working = { plan: 'Planning', read: 'Reading', edit: 'Implementing', review: 'Reviewing' } as const
const asked: Record<GateState['kind'], string> = {
  plan: 'to approve the plan',
  change: 'to decide on the change',
  command: 'to allow a command',
  question: 'to answer a question',
  action: 'to approve an action',
  context: 'to approve a note',
  workflow: 'to approve a change of a workflow',
}
/** What a question is about, where our own words say more than that there is one. The question itself may hold words from outside. */
const questions: Readonly<Record<string, string>> = {
  tainted: 'to read what came from outside',
  breaker: 'to say whether it may begin',
  budget_spent: 'to say whether it may cost more',
  no_checks: 'to say how the change is checked',
  checks_failed: 'to say what to do about checks that fail',
  failed: 'to say what to do about a step that failed',
  lost: 'to say whether a step whose runner was lost begins again',
  no_change: 'to say what to do without a change',
  no_progress: 'to say what to do about work that does not get on',
  rounds: 'to say what to do after the last round',
  [routeAbout]: 'to say where it belongs',
}
const opened: Readonly<Record<string, string>> = {
  'github.open_pr': 'Pull request',
  'gitlab.open_mr': 'Merge request',
  'git.open_change': 'Change',
  'github.create_issue': 'Issue',
  'linear.create': 'Issue',
  'jira.create': 'Issue',
}

/** The status of a run. */
export const runStatus = (state: RunState): RunStatus => {
  const { number } = state
  const title = runTitle(state.spec.event)
  const common = { number, title, brought: broughtBy(state), gate: null, waits: [], why: null }
  const { finished } = state
  if (finished) {
    const says = {
      succeeded: `Done.${publishedNow(state)}`,
      rejected: 'Refused by a person.',
      cancelled: 'Stopped.',
      failed: 'Failed.',
    }
    return {
      ...common,
      tone: finished.outcome === 'succeeded' ? 'done' : 'stop',
      says: says[finished.outcome],
      why: finished.outcome === 'succeeded' ? null : finished.why.trim() || null,
      over: true,
    }
  }
  const still = { ...common, over: false }
  if (state.cancelling) return { ...still, tone: 'stop', says: 'Stopping.' }
  const gate = Object.values(state.gates).find((one) => one.state === 'open')
  if (gate) return { ...still, tone: 'wait', says: askedAt(state, gate), waits: waitsFor(gate), gate: gate.id }
  return { ...still, ...goingOn(state) }
}

const askedAt = (state: RunState, gate: GateState): string => {
  if (gate.subject.kind !== 'question') return asked[gate.kind]
  const stuck = stuckIntent(state, gate)
  if (stuck)
    return stuck.state === 'unknown'
      ? 'to find out whether something was done: nobody knows'
      : 'to say what becomes of something that could not be done'
  return questions[gate.subject.about] ?? asked.question
}

/** How what it published stands now, after its own steps are done. Who merged or closed it is a name from outside: it is on the run's page. */
const publishedNow = ({ pull, change }: RunState): string => {
  const what = pull ? (pull.tool === 'gitlab' ? 'merge request' : 'pull request') : 'change'
  const now = pull ? (pull.reverted ? 'reverted' : pull.unapproved ? 'unapproved' : pull.state) : change?.state
  const closed = 'was closed without merging'
  const words = {
    open: 'is open',
    merging: 'is being merged',
    merged: 'was merged',
    closed,
    abandoned: closed,
    unapproved: 'was merged at a commit that nobody approved here',
    reverted: 'was merged and taken back',
  }
  return now === undefined ? '' : ` The ${what} ${words[now]}.`
}

const goingOn = (state: RunState): Pick<RunStatus, 'tone' | 'says'> => {
  const effect = Object.values(state.intents).find((one) => one.state === 'executing')
  if (effect) {
    return { tone: 'run', says: `Doing: ${effectDoes(effect.action)}.` }
  }
  for (const spec of state.spec.workflow.compiled.steps)
    if (state.steps[spec.id]?.status === 'running') {
      const does = spec.kind === 'agent' ? working[spec.mode] : 'Running the checks'
      const why = sentBack(state, spec.id)
      return { tone: 'run', says: why === null ? `${does}.` : `${does} again: ${why}.` }
    }
  const next = due(state).find((one) => one.kind === 'work')
  if (!next) return { tone: 'run', says: 'Going on.' }
  const why = sentBack(state, next.step)
  return { tone: 'queued', says: `${why === null ? '' : `Sent back: ${why}. `}Waits for a runner.` }
}

/** Why the step is done once more, in our words; null: it is its first round, or nobody sent it back. What was said is on the run's page. */
const sentBack = ({ steps }: RunState, id: string): string | null => {
  const step = steps[id]
  if (!step || step.round === 1) return null
  if (step.feedback.some(({ kind }) => kind === 'comment')) return 'changes were asked for'
  return step.feedback.some(({ kind }) => kind === 'checks') ? 'the checks failed' : null
}

/** Approvers who may still vote. */
const waitsFor = (gate: GateState): string[] =>
  gate.approvers.filter(
    (one) =>
      !gate.excluded.some(({ person }) => `user:${person}` === one) &&
      !gate.votes.some(({ person }) => `user:${person}` === one),
  )

/** Each once: a pull request that is brought to a new commit is no further one. */
const broughtBy = ({ intents, spec }: RunState): RunStatus['brought'] => [
  ...new Map(
    Object.values(intents).flatMap((one) => {
      const url = linkOf(spec, one)
      const says = opened[one.action]
      return one.state === 'succeeded' && says !== undefined && url !== null ? [[url, { says, url }] as const] : []
    }),
  ).values(),
]
