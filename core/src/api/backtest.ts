/** What does the answer of a backtest look like, and a piece of a long one? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { cameOutcomes } from '../match/play-starts.ts'

const Outcome = z.enum([...cameOutcomes, 'near_miss', 'no', 'elsewhere'])
const Counts = z.strictObject({
  /** A run began, at once or when its turn came. */
  starts: z.int(),
  /** Waits for its turn at the end. */
  waits: z.int(),
  /** The breaker tripped: a run that waits for a person. */
  held: z.int(),
  /** As many as `concurrency` lets went on, and it waits for none. */
  skipped: z.int(),
  /** The breaker had tripped before, for the same thing. */
  rests: z.int(),
  /** Left the queue without a run. */
  dropped: z.int(),
  /** Could not begin. */
  refused: z.int(),
  /** The same had come before. */
  duplicate: z.int(),
  nearMisses: z.int(),
})
const Condition = z.strictObject({ condition: z.string(), times: z.int() })
const row = {
  delivery: z.string(),
  at: Millis,
  tool: z.string(),
  event: z.string(),
  label: z.string(),
  title: z.string(),
  actor: z.string(),
  why: z.string(),
}

const Came = z.enum(cameOutcomes)
const Side = z.strictObject({
  slot: z.string().nullable(),
  place: z.int().nullable(),
  text: z.enum(['asks', 'plan']).nullable(),
  known: Came.nullable(),
})
const Starting = z.strictObject({
  delivery: z.string(),
  at: Millis,
  came: Millis,
  subject: z.string().nullable(),
  begins: z.strictObject({ made: Millis, by: z.string() }).nullable(),
  told: z.string().nullable(),
  chain: z.int().nullable(),
  mayWait: z.boolean(),
  real: z
    .strictObject({ from: Millis, to: Millis.nullable(), let: Millis.nullable(), replaced: z.boolean() })
    .nullable(),
  draft: Side.nullable(),
  current: Side.nullable(),
})
const Approvers = z.array(z.string())
const Version = z.strictObject({
  rules: z.strictObject({
    concurrency: z.strictObject({ limit: z.int(), whenFull: z.enum(['queue', 'replace', 'skip']) }).nullable(),
    starts: z.int(),
    within: z.int(),
    chain: z.int(),
    cooldown: z.int(),
  }),
  asked: z.strictObject({
    places: z.array(
      z.strictObject({
        gates: z.array(z.strictObject({ gate: z.string(), approvers: Approvers, isPlan: z.boolean() })),
        questions: Approvers,
      }),
    ),
    route: Approvers,
  }),
})
const Going = z.array(z.strictObject({ slot: z.string(), from: Millis, to: Millis.nullable() }))
const Fit = z.enum(['fits', 'near_miss', 'no', 'elsewhere'])
/** What was found over some events, before it is played. */
const FoundPiece = z.strictObject({
  events: z.int(),
  listened: z.int(),
  telling: z.int(),
  rows: z.array(z.strictObject({ ...row, draft: Fit, current: Fit.nullable() })),
  nearMisses: z.strictObject({ draft: z.int(), current: z.int() }),
  missedBy: z.array(Condition),
  starting: z.array(Starting),
  draft: Version,
  current: Version.nullable(),
  going: z.strictObject({ draft: Going, current: Going }),
})

/** What a draft would have done with what came in. */
export const BacktestView = z.strictObject({
  workflow: z.string(),
  /** The version in force that it stands beside; null: there is none of this name. */
  version: z.int().nullable(),
  events: z.int(),
  /** When the oldest of them came; null: there were none. */
  since: Millis.nullable(),
  listened: z.int(),
  draft: Counts,
  current: Counts.nullable(),
  /** Starts of both versions, and of one alone; null: there is no version in force. */
  beside: z.strictObject({ both: z.int(), onlyDraft: z.int(), onlyCurrent: z.int() }).nullable(),
  missedBy: z.array(Condition),
  rows: z.array(z.strictObject({ ...row, draft: Outcome, current: Outcome.nullable() })),
  rowsLeftOut: z.int(),
  /**
   * Who would have been asked: per gate or question its approvers, once for every start that asks it (`times`; `current` of the version in force). `tainted`: whether outside text may pass;
   * `text`: how often an approval at this gate would have been the word on that; `route`: where it goes, when its rows do not say; `breaker`: whether a start too many is let go.
   */
  asked: z.array(
    z.strictObject({
      gate: z.string(),
      approvers: Approvers,
      times: z.int(),
      current: z.int().nullable(),
      text: z.int(),
    }),
  ),
  /** What was assumed: `lasts` in ms, of runs that never were, by `runs` that ended (0: by the budget of time), for so many starts of either version; `chains`: events of which it is not known what set them off; `known`: starts of the version in force of which it is known what came. */
  assumed: z.strictObject({
    lasts: z.int(),
    runs: z.int(),
    draft: z.int(),
    current: z.int(),
    chains: z.int(),
    known: z.int(),
  }),
  /**
   * What its last hundred finished runs cost, in dollars: of how many that is known, of how many not, the median, the least and the most; `projectedUsd`:
   * the median times the starts. null: no cost of it is known.
   */
  spend: z
    .strictObject({
      runs: z.int(),
      unknown: z.int(),
      medianUsd: z.number(),
      leastUsd: z.number(),
      mostUsd: z.number(),
      projectedUsd: z.number(),
    })
    .nullable(),
  /** Where to go on with older events (`before`), where as many were looked at as were asked for, or as time allowed; null: there are none. */
  older: z.string().nullable(),
  /** What it was told from, where that was asked for (`piece`), to be joined with what older events bring. */
  piece: z.strictObject({ found: FoundPiece, until: Millis }).nullable(),
})
