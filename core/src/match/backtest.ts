/**
 * What would a workflow have started, had it been in force when these events came?
 * A draft, beside the version that is in force now, over events that were recorded. No model is asked and nothing is started.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import type { Compiled } from '../workflow/compiled.ts'
import {
  matchPrepared,
  prepareWorkflows,
  type MatchAnswer,
  type PreparedWorkflows,
  type WorkflowEntry,
} from './match.ts'
import type { People } from './rows.ts'

export type Recorded = { readonly delivery: string; readonly at: number; readonly event: TriggerEvent }
/** `elsewhere`: the version does not listen to this kind of event at all. */
export type BacktestOutcome = 'starts' | 'near_miss' | 'no' | 'elsewhere'

/** One recorded event on which either version would have started, or nearly. `why`: of the draft. */
export type BacktestRow = {
  readonly delivery: string
  readonly at: number
  readonly tool: string
  readonly event: string
  readonly label: string
  readonly title: string
  readonly actor: string
  readonly draft: BacktestOutcome
  /** Of the version in force; null: there is none. */
  readonly current: BacktestOutcome | null
  readonly why: string
}
export type Counts = { readonly starts: number; readonly nearMisses: number }
/** Events that would have started both versions, or one of them alone. */
export type Beside = { readonly both: number; readonly onlyDraft: number; readonly onlyCurrent: number }
/** Starts of the draft by where they would have gone. `place`: index of `routePlaces`; null: its rows would have asked. Without a route all are one. */
export type Went = { readonly place: number | null; readonly times: number }
export type Backtest = {
  /** Events that were looked at, and those of a kind that the draft listens to. */
  readonly events: number
  readonly listened: number
  readonly draft: Counts
  readonly current: Counts | null
  /** null: there is no version in force. */
  readonly beside: Beside | null
  /** Of near misses of the draft: the one condition that failed, how often; the most frequent first. */
  readonly missedBy: readonly { readonly condition: string; readonly times: number }[]
  /** Those on which one version starts and the other does not first, else in the order given; at most `rowsAtMost`, `rowsLeftOut` says how many more there were. */
  readonly rows: readonly BacktestRow[]
  readonly rowsLeftOut: number
  readonly went: readonly Went[]
}

/** A backtest that is told of one event after the other, so that whoever tells may let others in between, or stop: `found` is of those told so far. */
export type Backtesting = { readonly add: (one: Recorded) => void; readonly found: () => Backtest }

/** `people`: handles of today; who an actor was, and how far trusted, stands in each event. */
export const backtesting = (
  draft: Compiled,
  current: Compiled | null,
  people: People = new Map(),
  rowsAtMost = 200,
): Backtesting => {
  const [drafted, held] = [listening(draft), current && listening(current)]
  const counts = { draft: { starts: 0, nearMisses: 0 }, current: { starts: 0, nearMisses: 0 } }
  const beside = { both: 0, onlyDraft: 0, onlyCurrent: 0 }
  const missed = new Map<string, number>()
  const went = new Map<number | null, number>()
  const differing: BacktestRow[] = []
  const same: BacktestRow[] = []
  let [looked, listened, leftOut] = [0, 0, 0]
  const add = ({ delivery, at, event }: Recorded): void => {
    looked++
    const answer = answerOf(event, drafted, people)
    const before = held && answerOf(event, held, people)
    if (answer) listened++
    count(counts.draft, answer)
    if (before) count(counts.current, before)
    const [now, then] = [answer?.outcome === 'starts', before?.outcome === 'starts']
    if (now) {
      const place = answer!.route ? answer!.route.chosen : 0
      went.set(place, (went.get(place) ?? 0) + 1)
    }
    if (now && then) beside.both++
    else if (now) beside.onlyDraft++
    else if (then) beside.onlyCurrent++
    if (answer?.outcome === 'near_miss') {
      const condition = answer.rows.find((row) => !row.pass)!.condition
      missed.set(condition, (missed.get(condition) ?? 0) + 1)
    }
    if (!isTelling(answer) && !isTelling(before)) return
    const kept = now === then ? same : differing
    if (kept.length >= rowsAtMost) leftOut++
    else
      kept.push({
        delivery,
        at,
        tool: event.tool,
        event: event.event,
        label: event.subject.label,
        title: event.subject.title,
        actor: event.actor.name,
        draft: answer?.outcome ?? 'elsewhere',
        current: current === null ? null : (before?.outcome ?? 'elsewhere'),
        why: answer?.why ?? 'It does not listen to this.',
      })
  }
  const found = (): Backtest => ({
    events: looked,
    listened,
    draft: counts.draft,
    current: current === null ? null : counts.current,
    beside: current === null ? null : beside,
    missedBy: mostFirst(missed),
    rows: [...differing, ...same].slice(0, rowsAtMost),
    rowsLeftOut: leftOut + Math.max(0, differing.length + same.length - rowsAtMost),
    went: byPlace(went),
  })
  return { add, found }
}

const byPlace = (went: ReadonlyMap<number | null, number>): Went[] =>
  [...went]
    .map(([place, times]) => ({ place, times }))
    .toSorted((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity))

const mostFirst = (missed: ReadonlyMap<string, number>): { condition: string; times: number }[] =>
  [...missed]
    .map(([condition, times]) => ({ condition, times }))
    .toSorted((a, b) => b.times - a.times || (a.condition < b.condition ? -1 : 1))

const isDiffering = ({ draft, current }: BacktestRow): boolean => (draft === 'starts') !== (current === 'starts')

/** A backtest as it is told: whom it would have asked is said in its place. */
export type Told = Omit<Backtest, 'went'>

/** Two backtests of the same versions over events that follow each other, as one: a long one is told piece by piece. */
export const joined = (first: Told, next: Told, rowsAtMost = 200): Told => {
  const sum = (a: Counts, b: Counts): Counts => ({
    starts: a.starts + b.starts,
    nearMisses: a.nearMisses + b.nearMisses,
  })
  const missed = new Map<string, number>()
  for (const { condition, times } of [...first.missedBy, ...next.missedBy])
    missed.set(condition, (missed.get(condition) ?? 0) + times)
  const all = [...first.rows, ...next.rows]
  const rows = [...all.filter(isDiffering), ...all.filter((row) => !isDiffering(row))]
  return {
    events: first.events + next.events,
    listened: first.listened + next.listened,
    draft: sum(first.draft, next.draft),
    current: first.current && next.current && sum(first.current, next.current),
    beside:
      first.beside && next.beside
        ? {
            both: first.beside.both + next.beside.both,
            onlyDraft: first.beside.onlyDraft + next.beside.onlyDraft,
            onlyCurrent: first.beside.onlyCurrent + next.beside.onlyCurrent,
          }
        : null,
    missedBy: mostFirst(missed),
    rows: rows.slice(0, rowsAtMost),
    rowsLeftOut: first.rowsLeftOut + next.rowsLeftOut + Math.max(0, rows.length - rowsAtMost),
  }
}

/** As if it were enabled: the question is what it would do then. */
const listening = (compiled: Compiled): PreparedWorkflows => {
  const entry: WorkflowEntry = { id: compiled.name, name: compiled.name, version: 1, enabled: true, compiled }
  return prepareWorkflows([entry])
}

const answerOf = (event: TriggerEvent, prepared: PreparedWorkflows, people: People): MatchAnswer | null =>
  matchPrepared(event, prepared, people).answers[0] ?? null

const isTelling = (answer: MatchAnswer | null): boolean =>
  answer?.outcome === 'starts' || answer?.outcome === 'near_miss'

const count = (counts: { starts: number; nearMisses: number }, answer: MatchAnswer | null): void => {
  if (answer?.outcome === 'starts') counts.starts++
  if (answer?.outcome === 'near_miss') counts.nearMisses++
}
