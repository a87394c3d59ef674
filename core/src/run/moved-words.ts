/**
 * What becomes of the words that a runner told when the run goes on at another one?
 * Told of its own run they only steer its own agent. On another machine they are words of anybody: a person reads them first, and of a check
 * its name and its end are left. It never says when a run is moved.
 */
import { revealed } from '../policy/hidden.ts'
import type { Draft, Fact } from './facts.ts'
import { taintAskedAnew } from './holds.ts'
import type { Noted } from './pull-state.ts'
import { cardGap, wordsOnCard } from './shown-words.ts'
import type { RunState, StepState } from './state.ts'

type Of = Pick<RunState, 'pending' | 'steps'>

/** How many characters of a question the words take that wait for an agent and that a runner alone told of, or may come to take. */
export const toldChars = (state: Of): number =>
  toldWords(state).reduce((sum, one) => sum + revealed(cardOf(one)).length + cardGap.length, 0)

/** Words of people that a runner told, and that no agent was done with: checks are not among them. */
const toldWords = (state: Of): Noted[] => notes(state).filter((one) => one.told && !one.told.less)

const notes = ({ pending, steps }: Of): Noted[] => [
  ...pending,
  ...Object.values(steps).flatMap((step: StepState): Noted[] => step.feedback),
]

const cardOf = (one: Noted): string => `${one.from}: ${wordsOnCard(one)}`

/** What a move to a runner (null: to whichever takes it) brings with it: a question about the words that came from the machine that the run leaves. */
export const askedOnMove = (state: RunState, to: string | null): Draft[] => {
  const words = toldWords(state).filter((one) => one.told?.by !== to)
  if (words.length === 0) return []
  const from = [...new Set(words.map((one) => one.told?.by))].join(', ')
  return [
    {
      type: 'run.tainted',
      by: { kind: 'system' },
      data: {
        why: `The run goes on at another machine, and words for its agent were told by the runner it leaves alone (${from}): nobody else knows whether somebody of the workspace wrote them.`.slice(
          0,
          1_000,
        ),
        account: `runner:${from}`.slice(0, 200),
        text: words.map(cardOf).join(cardGap).slice(0, 24_000).toWellFormed(),
      },
    },
    ...taintAskedAnew(state),
  ]
}

/** The run at its other runner: what was told by another one carries the mark that a person reads it first. */
export const runMoved = (state: RunState, { data: { to } }: Fact<'run.moved'>): RunState => {
  const there = <T extends Noted>(one: T): T => {
    if (!one.told || one.told.by === to) return one
    const { told, ...rest } = one
    return (told.less ? { ...rest, ...told.less } : { ...rest, outside: true }) as T
  }
  return {
    ...state,
    runner: to,
    pending: state.pending.map(there),
    steps: Object.fromEntries(
      Object.entries(state.steps).map(([id, step]) => [id, { ...step, feedback: step.feedback.map(there) }]),
    ),
  }
}
