/**
 * What is told of a backtest: what would have started, been held back, nearly started, whom it would have asked?
 * Plays what was found, in the order in which it came. The same for a whole and for pieces that were joined, so that whoever asks in pieces is told the same.
 */
import { asksOf, type AskedOf } from './asked-of.ts'
import { mostFirst, type Fit, type FitRow, type Found, type Side, type Starting } from './backtest.ts'
import { cameOutcomes, playStarts, type Came, type Played } from './play-starts.ts'

export type BacktestOutcome = Came | Exclude<Fit, 'fits'>
export type BacktestRow = Omit<FitRow, 'draft' | 'current'> & {
  readonly draft: BacktestOutcome
  readonly current: BacktestOutcome | null
}
/** Of one version: what came of the events that it is started by, and its near misses. */
export type Counts = { readonly [outcome in Came]: number } & { readonly nearMisses: number }
/** Once for every start that asks it; `text`: of the draft's, where that is also the word on outside text. `current` null: there is no version in force. */
export type AskedRow = {
  readonly gate: string
  readonly approvers: string[]
  readonly times: number
  readonly current: number | null
  readonly text: number
}
export type ToldBacktest = {
  readonly events: number
  readonly listened: number
  readonly draft: Counts
  readonly current: Counts | null
  /** Events that would have started both versions, or one of them alone. */
  readonly beside: { readonly both: number; readonly onlyDraft: number; readonly onlyCurrent: number } | null
  readonly missedBy: Found['missedBy']
  /** Those of which one version makes something else than the other first; at most `rowsAtMost`, `rowsLeftOut` says how many more there were. */
  readonly rows: readonly BacktestRow[]
  readonly rowsLeftOut: number
  readonly asked: readonly AskedRow[]
  /** What had to be assumed. `lasts`: so long (ms) a run was taken to go on that never was one; how many starts of either version that is. */
  readonly assumed: {
    readonly lasts: number
    readonly draft: number
    readonly current: number
    /** Events of which it is not known whether a run set them off. */
    readonly chains: number
    /** Starts of the version in force of which it is known what came. */
    readonly known: number
  }
}

type Over = { readonly lasts: number; readonly until: number; readonly rowsAtMost?: number }

/** `lasts`: in ms, of a run without a known time. `until`: the moment (ms) of asking. */
export const toldBacktest = (found: Found, { lasts, until, rowsAtMost = 200 }: Over): ToldBacktest => {
  const played = (side: 'draft' | 'current'): Played | null =>
    found[side] &&
    playStarts(startableBy(found.starting, side), found[side].rules, { going: found.going[side], lasts, until })
  const [draft, current] = [played('draft')!, played('current')]
  const beside = { both: 0, onlyDraft: 0, onlyCurrent: 0 }
  for (const { delivery } of found.starting) {
    const [now, then] = [draft.came.get(delivery) === 'starts', current?.came.get(delivery) === 'starts']
    if (now && then) beside.both++
    else if (now) beside.onlyDraft++
    else if (then) beside.onlyCurrent++
  }
  const shown = shownOf(found.rows, rowsAtMost, (row) => isDiffering(row, draft, current)).map((row) =>
    rowOf(row, draft, current, found),
  )
  return {
    events: found.events,
    listened: found.listened,
    draft: countsOf(draft, found.nearMisses.draft),
    current: current && countsOf(current, found.nearMisses.current),
    beside: current && beside,
    missedBy: found.missedBy,
    rows: shown,
    rowsLeftOut: found.telling - shown.length,
    asked: askedBy(found, draft, current),
    assumed: {
      lasts,
      draft: draft.assumed,
      current: current?.assumed ?? 0,
      chains: found.starting.filter(({ chain, subject }) => chain === null && subject !== null).length,
      known: found.starting.filter((one) => (one.current?.known ?? null) !== null).length,
    },
  }
}

/** Two pieces over events that follow each other; `older` came before all of `newer`. Of rows those of the newer come first. */
export const joined = (newer: Found, older: Found): Found => {
  const missed = new Map<string, number>()
  for (const { condition, times } of [...newer.missedBy, ...older.missedBy])
    missed.set(condition, (missed.get(condition) ?? 0) + times)
  return {
    events: newer.events + older.events,
    listened: newer.listened + older.listened,
    telling: newer.telling + older.telling,
    rows: [...newer.rows, ...older.rows],
    nearMisses: {
      draft: newer.nearMisses.draft + older.nearMisses.draft,
      current: newer.nearMisses.current + older.nearMisses.current,
    },
    missedBy: mostFirst(missed),
    starting: [...newer.starting, ...older.starting],
    draft: newer.draft,
    current: newer.current,
    going: older.going,
  }
}

/** The same with the rows that are shown alone, for a piece to be sent. */
export const withRowsOf = (found: Found, told: Pick<ToldBacktest, 'rows'>): Found => {
  const kept = new Set(told.rows.map(({ delivery }) => delivery))
  return { ...found, rows: found.rows.filter(({ delivery }) => kept.has(delivery)) }
}

const startableBy = (starting: readonly Starting[], by: 'draft' | 'current') =>
  starting.flatMap((one) => {
    const side: Side | null = one[by]
    return side ? [{ ...one, slot: side.slot, known: side.known }] : []
  })

const countsOf = ({ came }: Played, nearMisses: number): Counts => {
  const counts = Object.fromEntries(cameOutcomes.map((one) => [one, 0])) as Record<Came, number>
  for (const outcome of came.values()) counts[outcome]++
  return { ...counts, nearMisses }
}

/** Does one of them start, and the other not? */
const isDiffering = ({ delivery }: FitRow, draft: Played, current: Played | null): boolean =>
  current !== null && (draft.came.get(delivery) === 'starts') !== (current.came.get(delivery) === 'starts')

/** So many of them, those that come first first; no more are made ready than are shown. */
const shownOf = (rows: readonly FitRow[], most: number, first: (row: FitRow) => boolean): FitRow[] => {
  const [differing, same]: [FitRow[], FitRow[]] = [[], []]
  for (const row of rows) {
    const kept = first(row) ? differing : same
    if (kept.length < most) kept.push(row)
  }
  return [...differing, ...same].slice(0, most)
}

const rowOf = (row: FitRow, draft: Played, current: Played | null, found: Found): BacktestRow => {
  const now = row.draft === 'fits' ? draft.came.get(row.delivery)! : row.draft
  const then = row.current === 'fits' ? current!.came.get(row.delivery)! : row.current
  return { ...row, draft: now, current: then, why: row.draft === 'fits' ? whyOf(now as Came, found) : row.why }
}

const whyOf = (came: Came, { draft: { rules } }: Found): string => {
  const runs = rules.concurrency?.limit === 1 ? 'one run' : `${rules.concurrency?.limit ?? 0} runs`
  const words: { readonly [outcome in Came]: string } = {
    starts: 'It fits.',
    waits: `It would still wait for its turn: as many runs as its limit lets (${runs}) go on.`,
    held: 'It fits, and the breaker trips: a run that waits for a person before anything begins.',
    skipped: `It fits, and is skipped: as many runs as its limit lets (${runs}) went on.`,
    rests: 'It fits, and the workflow rested: its breaker had tripped for the same thing.',
    dropped: 'It fits, and left the queue without a run: a newer event took its place.',
    refused: 'It fits, and could not begin: what comes from a fork is not built on.',
    duplicate: 'It fits, and starts nothing: the same had come before.',
  }
  return words[came]
}

const askedBy = ({ starting, draft, current }: Found, now: Played, then: Played | null): AskedRow[] => {
  const all = new Map<string, { gate: string; approvers: string[]; times: number; current: number; text: number }>()
  const count = (of: AskedOf, side: Side | null, delivery: string, { came, letGo }: Played, isDraft: boolean): void => {
    const became = came.get(delivery)
    if (!side || (became !== 'starts' && became !== 'held')) return
    const [tripped, began] = [became === 'held' || letGo.has(delivery), became === 'starts']
    for (const { gate, approvers, text } of asksOf(of, { place: side.place, text: side.text, tripped, began })) {
      const key = JSON.stringify([gate, approvers])
      const row = all.get(key) ?? { gate, approvers: [...approvers], times: 0, current: 0, text: 0 }
      all.set(key, row)
      if (isDraft) row.times++
      else row.current++
      if (isDraft && text) row.text++
    }
  }
  for (const one of starting) count(draft.asked, one.draft, one.delivery, now, true)
  if (current && then) for (const one of starting) count(current.asked, one.current, one.delivery, then, false)
  return [...all.values()].map((row) => ({ ...row, current: current ? row.current : null }))
}
