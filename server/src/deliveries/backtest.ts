/** What would this text have started over what came in last, who would have been asked, and about what would it have cost? */
import type { z } from 'zod'
import type { BacktestView } from '@viewportai/core/api/deliveries'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { askedTogether } from '@viewportai/core/api/long-backtest'
import { backtesting, type Backtesting, type Went } from '@viewportai/core/match/backtest'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { routeAbout } from '@viewportai/core/run/routed'
import { atEachPlace } from '@viewportai/core/workflow/at-place'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import { readPeople } from '../people/read.ts'
import { takingTurns } from '../turns.ts'
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

/** So long (ms) one answer computes; then it tells how far it came. A text may make every event costly, and nobody else is to wait for that. */
const budgetMillis = 2_000
/** So many events are in memory at once. */
const pageOf = 250

/**
 * The answer, or the mistakes of a text that does not compile. It lets others in between, and ends early when its time is used up or when whoever
 * asked has left: `older` is where it goes on. `budget`: in milliseconds of computing.
 */
export const backtestOf = async (
  tx: Tx,
  { source, limit, before }: { source: string; limit: number; before: string | null },
  { left, budget = budgetMillis }: { left: AbortSignal; budget?: number },
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
  const [people, cost] = await Promise.all([readPeople(tx), tx.query<Costs>(costs, [tx.workspace, compiled.name])])
  const one = backtesting(compiled, held?.compiled ?? null, handlesOf(people))
  const { looked, last, more } = await play(tx, one, { tools, from: { at: Number(at), delivery }, limit, left, budget })
  const { went, ...found } = one.found()
  const { runs, unknown, median, least, most } = cost.rows[0]!
  return {
    workflow: compiled.name,
    version: held?.version ?? null,
    ...found,
    events: looked,
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
    older: more && last ? `${last.at}.${last.delivery}` : null,
  }
}

type Place = { readonly at: number; readonly delivery: string }
type Over = {
  readonly tools: readonly string[]
  readonly from: Place
  readonly limit: number
  readonly left: AbortSignal
  readonly budget: number
}

/** Tells of event after event, the newest first, one of them at least. `more`: are there older ones? */
const play = async (
  tx: Tx,
  one: Backtesting,
  { tools, from, limit, left, budget }: Over,
): Promise<{ looked: number; last: Place | null; more: boolean }> => {
  const turn = takingTurns()
  let [looked, spent, more]: [number, number, boolean] = [0, 0, true]
  let last: Place = from
  const goesOn = (): boolean => more && looked < limit && spent < budget && !left.aborted
  while (goesOn()) {
    const take = Math.min(pageOf, limit - looked)
    const { rows } = await tx.query<Row>(recorded, [tx.workspace, tools, last.at, last.delivery, take + 1])
    more = rows.length > 0
    for (const [index, row] of rows.slice(0, take).entries()) {
      const began = performance.now()
      if (row.event !== null) one.add({ delivery: row.delivery, at: row.at, event: row.event })
      spent += performance.now() - began
      looked += 1
      last = { at: row.at, delivery: row.delivery }
      more = index < rows.length - 1
      if (!goesOn()) break
      await turn()
    }
  }
  return { looked, last: looked === 0 ? null : last, more }
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
