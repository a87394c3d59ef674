/**
 * What came in, and what is known to have come of it for one workflow?
 * Read a page at a time, newest first, for a backtest. Samples are none of it; a start by hand or by the clock is of its own workflow alone.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { onBranch } from '@viewportai/core/event/on-branch'
import type { Recorded } from '@viewportai/core/match/backtest'
import type { Came as Outcome } from '@viewportai/core/match/play-starts'
import type { RunSpec } from '@viewportai/core/run/spec'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import type { StoredVersion } from '../workflows/read.ts'
import { mayFollow } from './breaker.ts'
import type { Became } from './became.ts'
import { toldAt } from './read-delivery.ts'
import { replacedWords } from './start.ts'

export type Place = { readonly at: number; readonly delivery: string }
/** `recorded` null: nobody who is asked about listens to it. */
export type RecordedRow = Place & { readonly recorded: Recorded | null }

type Row = {
  delivery: string
  source: string
  at: number
  decidedAt: number
  event: TriggerEvent | null
  duplicate: boolean
  became: Became | null
  inputs: RunSpec['inputs'] | null
  from: number | null
  to: number | null
  asked: boolean | null
  let: number | null
  replaced: boolean | null
}

// Only kinds of events that either version listens to are read whole; the others are counted. A moment of the clock that was missed started nothing.
const page = {
  name: 'deliveries recorded',
  text: `select d.delivery, d.source, d.received_at as at, coalesce(d.processed_at, d.received_at) as "decidedAt", d.outcome = 'duplicate' and d.report is null as duplicate, d.became,
      case when (d.tool || ' ' || d.event = any($2) or d.tool = any($2)) and (d.source not in ('manual', 'schedule') or (d.matched > 0 and $6 = any(d.workflows))) then d.trigger_event end as event,
      case when d.source = 'manual' then n.spec -> 'inputs' end as inputs, n.started_at as "from", n.finished_at as "to", g.run is not null as asked, g.let,
      n.outcome = 'cancelled' and n.state #>> '{cancelling,reason}' like '${replacedWords}%' as replaced
    from vp.deliveries d
      left join lateral (select * from vp.runs r where r.workspace = $1 and r.run = any(d.runs) and r.workflow = $6 limit 1) n on cardinality(d.runs) > 0
      left join lateral (select b.run, case when b.state = 'closed' and n.state ->> 'held' is null then b.closed_at end as let from vp.gates b where b.workspace = $1 and b.run = n.run and b.name = 'breaker' limit 1) g on n.run is not null
    where d.workspace = $1 and d.trigger_event is not null and d.source <> 'sample' and (d.received_at, d.delivery) < ($3, $4) order by d.received_at desc, d.delivery desc limit $5`,
}

type Page = {
  /** What either version listens to (`kindsOf`). */
  readonly kinds: readonly string[]
  /** The version in force, whose outcomes are known where it decided; null: there is none of this name. */
  readonly held: Pick<StoredVersion, 'workflow' | 'version'> | null
  /** Connections beside which another one tells of the same server, by the source of what they tell. */
  readonly beside: ReadonlyMap<string, ConnectionRow>
  readonly from: Place
  readonly limit: number
}

/** The kinds of events that these versions listen to, as `readRecorded` wants them. What a webhook tells is kept under its sender's name for it, so of those all are read. */
export const kindsOf = (versions: readonly Compiled[]): string[] => [
  ...new Set(
    versions.flatMap(({ triggers }) =>
      triggers.map(({ tool, event }) => (tool === 'webhook' ? tool : `${tool} ${event}`)),
    ),
  ),
]

/** The page of events older than this place. */
export const readRecorded = async (tx: Tx, { kinds, held, beside, from, limit }: Page): Promise<RecordedRow[]> => {
  const { rows } = await tx.query<Row>(page, [tx.workspace, kinds, from.at, from.delivery, limit, held?.workflow ?? ''])
  return rows.map((row) => ({
    at: row.at,
    delivery: row.delivery,
    recorded: row.event === null ? null : recordedBy(row, row.event, { held, beside }),
  }))
}

const recordedBy = (row: Row, event: TriggerEvent, { held, beside }: Pick<Page, 'held' | 'beside'>): Recorded => ({
  delivery: row.delivery,
  at: row.at,
  decidedAt: row.decidedAt,
  event,
  ...(row.inputs !== null && { inputs: row.inputs }),
  duplicate: row.duplicate,
  told: beside.has(row.source) ? toldAt(beside.get(row.source)!, event.id) : null,
  chain: chainOf(row.became, event),
  known: held && knownOf(row, held),
  real: row.from === null ? null : { from: row.from, to: row.to, let: row.let, replaced: row.replaced === true },
})

/** Counted once for all workflows that it started; a person's own doing follows from no run. */
const chainOf = (became: Became | null, event: TriggerEvent): number | null =>
  Object.values(became ?? {}).find(({ chain }) => chain !== undefined)?.chain ??
  (event.cause || mayFollow(event) || onBranch(event) !== null ? null : 0)

/** What this version made of it, where it was in force. Of what came before it was kept for each workflow that is not known: it is played. */
const knownOf = (row: Row, { workflow, version }: NonNullable<Page['held']>): Outcome | null => {
  const came = row.became?.[workflow]
  if (came?.version !== version) return null
  return came.is === 'started' ? startedOf(row) : outcomes[came.is]
}

/** A run that a breaker holds has begun nothing. */
const startedOf = ({ asked, let: letAt }: Row): Outcome => (asked === true && letAt === null ? 'held' : 'starts')

const outcomes: { readonly [is in Became[string]['is']]: Outcome } = {
  started: 'starts',
  same: 'duplicate',
  queued: 'waits',
  skipped: 'skipped',
  rests: 'rests',
  refused: 'refused',
  dropped: 'dropped',
}

/** A run with what its slot is made of. Times in ms. */
export type GoingRun = Pick<RunSpec, 'event' | 'inputs'> & { readonly from: number; readonly to: number | null }

/** So many of the runs that began last before the moment are looked at. */
const goingAtMost = 1_000
const going = {
  name: 'runs going on',
  text: `select started_at as "from", finished_at as "to", spec -> 'event' as event, spec -> 'inputs' as inputs
    from (select * from vp.runs where workspace = $1 and workflow = $2 and started_at < $3 and not rehearsal order by started_at desc limit ${goingAtMost}) r
    where (finished_at is null or finished_at > $3) and not exists (select from vp.gates g where g.workspace = $1 and g.run = r.run and g.name = 'breaker' and g.state = 'open')`,
}

/** The runs of a workflow that went on at this moment (ms), but those that a breaker holds. */
export const readGoing = async (tx: Tx, workflow: string, at: number): Promise<GoingRun[]> =>
  (await tx.query<GoingRun>(going, [tx.workspace, workflow, at])).rows
