/** What would this text have started over what came in last, who would have been asked, and about what would it have cost? */
import type { z } from 'zod'
import type { BacktestView } from '@viewportai/core/api/deliveries'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { askedTogether } from '@viewportai/core/api/long-backtest'
import { backtest, type Went } from '@viewportai/core/match/backtest'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { routeAbout } from '@viewportai/core/run/routed'
import { atEachPlace } from '@viewportai/core/workflow/at-place'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import { readPeople } from '../people/read.ts'
import { errorOf, versionOf } from '../workflows/read.ts'
import { handlesOf } from './entries.ts'

type View = z.infer<typeof BacktestView>
type Costs = { runs: number; unknown: number; median: number | null; least: number | null; most: number | null }
type Row = { delivery: string; at: number; event: TriggerEvent | null }

/** Only kinds of events that either version listens to are read whole; the others are counted. */
const recorded = {
  name: 'deliveries recorded',
  text: `select delivery, received_at as at, case when tool = any($2) then trigger_event end as event from vp.deliveries where workspace = $1 and trigger_event is not null and source <> 'sample'
    and (received_at, delivery) < ($3, $4) order by received_at desc, delivery desc limit $5`,
}
/** The last runs of this name; a cost is null where a part of it is not known. */
const costs = {
  name: 'runs cost',
  text: `select count(usd_micros)::int as runs, (count(*) - count(usd_micros))::int as unknown, percentile_cont(0.5) within group (order by usd_micros) as median, min(usd_micros)::float8 as least, max(usd_micros)::float8 as most
    from (select usd_micros from vp.runs where workspace = $1 and workflow_name = $2 and finished_at is not null and not rehearsal order by started_at desc limit 100) r`,
}

/** The answer, or the mistakes of a text that does not compile. */
export const backtestOf = async (
  tx: Tx,
  { source, limit, before }: { source: string; limit: number; before: string | null },
): Promise<View | Refusal> => {
  const result = compileWorkflow(source)
  if (!result.ok) {
    const [first] = result.errors
    return refuse('invalid', {
      where: `line ${first!.line}, column ${first!.column}`,
      why: first!.message,
      mistakes: result.errors.map(errorOf),
    })
  }
  const { compiled } = result
  const held = await versionOf(tx, compiled.name)
  const tools = [...new Set([compiled, held?.compiled].flatMap((one) => one?.triggers.map(({ tool }) => tool) ?? []))]
  const [, at, delivery] =
    before === null ? ['', String(Number.MAX_SAFE_INTEGER), ''] : (/^(\d{1,16})\.(dlv_\w{1,30})$/.exec(before) ?? [])
  if (at === undefined || delivery === undefined)
    return refuse('invalid', { where: 'body.before', why: 'it is not a place in the list' })
  const [{ rows }, people, cost] = await Promise.all([
    tx.query<Row>(recorded, [tx.workspace, tools, Number(at), delivery, limit + 1]),
    readPeople(tx),
    tx.query<Costs>(costs, [tx.workspace, compiled.name]),
  ])
  const looked = rows.slice(0, limit)
  const told = looked.filter((row): row is Row & { event: TriggerEvent } => row.event !== null)
  const { went, ...found } = backtest(told, compiled, held?.compiled ?? null, handlesOf(people))
  const { runs, unknown, median, least, most } = cost.rows[0]!
  const last = looked.at(-1)
  return {
    workflow: compiled.name,
    version: held?.version ?? null,
    ...found,
    events: looked.length,
    since: last?.at ?? null,
    missedBy: [...found.missedBy],
    rows: [...found.rows],
    asked: askedBy(compiled, went),
    spend:
      median === null || least === null || most === null
        ? null
        : {
            runs,
            unknown,
            medianUsd: median / 1e6,
            leastUsd: least / 1e6,
            mostUsd: most / 1e6,
            projectedUsd: (median / 1e6) * found.draft.starts,
          },
    older: rows.length > looked.length && last ? `${last.at}.${last.delivery}` : null,
  }
}

/** At each place the gates of that place; where rows would have asked, that question, and whoever is asked after it hangs on its answer. */
const askedBy = (compiled: Compiled, went: readonly Went[]): View['asked'] => {
  const places = atEachPlace(compiled)
  return askedTogether(
    (went.length === 0 ? [{ place: 0, times: 0 }] : went).flatMap(({ place, times }): View['asked'] =>
      place === null
        ? [{ gate: routeAbout, approvers: [compiled.team === null ? 'role:admin' : `team:${compiled.team}`], times }]
        : places[place]!.steps.flatMap((step) =>
            step.kind === 'gate' ? [{ gate: step.name, approvers: [...step.approvers], times }] : [],
          ),
    ),
  )
}
