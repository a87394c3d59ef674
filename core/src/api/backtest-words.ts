/** In which words is a backtest told, beside its numbers? The same at the command line and in the editor. */
import type { z } from 'zod'
import type { Came } from '../match/play-starts.ts'
import { sayDuration } from '../workflow/amounts.ts'
import type { BacktestView } from './backtest.ts'

type View = z.infer<typeof BacktestView>
type Outcome = View['rows'][number]['draft']

/** Of one event, in a word or two. */
export const outcomeWords: { readonly [outcome in Outcome]: string } = {
  starts: 'starts',
  waits: 'waits',
  held: 'held',
  skipped: 'skipped',
  rests: 'rests',
  dropped: 'dropped',
  refused: 'refused',
  duplicate: 'came before',
  near_miss: 'nearly',
  no: 'no',
  elsewhere: 'not asked',
}

const lines: readonly { readonly of: Exclude<Came, 'starts'>; readonly words: string }[] = [
  { of: 'waits', words: 'still waiting for their turn' },
  { of: 'skipped', words: 'skipped, enough went on' },
  { of: 'dropped', words: 'waited, and a newer one took their place' },
  { of: 'held', words: 'held by the breaker, for a person' },
  { of: 'rests', words: 'not started while the breaker rested' },
  { of: 'refused', words: 'could not begin' },
  { of: 'duplicate', words: 'told again, started once' },
]

/** What fitted and started nothing, by what held it back: those that there were. `current` null: there is no version in force. */
export const heldBack = ({
  draft,
  current,
}: Pick<View, 'draft' | 'current'>): { words: string; draft: number; current: number | null }[] =>
  lines.flatMap(({ of, words }) =>
    draft[of] + (current?.[of] ?? 0) > 0 ? [{ words, draft: draft[of], current: current ? current[of] : null }] : [],
  )

const questions: Readonly<Record<string, string>> = {
  tainted: 'whether outside text may pass',
  breaker: 'whether a start too many may begin',
  route: 'where it is worked on',
}
/** Is it a question that a start brings, and no gate of the workflow? */
export const isQuestion = (gate: string): boolean => Object.hasOwn(questions, gate)

/** What somebody is asked about by this question or gate, where its name alone does not say it. */
export const askedAbout = ({ gate, text }: Pick<View['asked'][number], 'gate' | 'text'>): string | null =>
  isQuestion(gate)
    ? questions[gate]!
    : text > 0
      ? `${text === 1 ? 'once' : `${text} times`} also the word on outside text`
      : null

/** What was assumed and what was not played, in sentences. */
export const backtestNotes = ({ version, draft, current, assumed, older }: View): string[] => {
  if (draft.starts + draft.waits + draft.skipped + (current?.starts ?? 0) === 0) return []
  const guessed = assumed.draft + assumed.current
  const sure = assumed.known
  return [
    ...(sure > 0
      ? [`Of version ${version} it is known what really came of ${counted(sure, 'event')}; the others are played.`]
      : []),
    ...(guessed > 0
      ? [
          `${counted(guessed, 'start')} never had a run whose time is known: ${guessed === 1 ? 'it' : 'each'} was taken to hold its place for ${lasting(assumed.lasts)}, ${
            assumed.runs === 0
              ? 'its budget of time, as no run of it has ended'
              : assumed.runs === 1
                ? 'as the one run did that ended'
                : `the median of ${assumed.runs} runs`
          }.`,
        ]
      : []),
    ...(assumed.chains > 0
      ? [
          `Of ${counted(assumed.chains, 'event')} it is not known whether a run set them off: for them the breaker counts no chain.`,
        ]
      : []),
    ...(sure === 0 && current !== null
      ? [`What really came of these events was not kept for version ${version}: it is played, as the draft is.`]
      : []),
    ...(older === null ? [] : [countsFrom]),
    notPlayed,
  ]
}

/** A breaker looks back, and there are events before those that were looked at. */
const countsFrom =
  'The breaker counts from the oldest of these events on: what started the workflow before it, and what rested because of that, is not counted. Play more events to look further back.'

const notPlayed =
  'Not played: what people would have decided, who lost a right while a start waited, runners that were not there, moments of a schedule that was not in force.'

const counted = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

/** Of more than two minutes, seconds say nothing. */
const lasting = (millis: number): string => {
  const seconds = Math.max(1, Math.round(millis / 1_000))
  return sayDuration(seconds < 120 ? seconds : Math.round(seconds / 60) * 60)
}
