/** What would this text have started over what came in last, who would have been asked, and about what would it have cost? */
import type { z } from 'zod'
import type { BacktestView } from '@viewportai/core/api/deliveries'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { backtest } from '@viewportai/core/match/backtest'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import { readPeople } from '../people/read.ts'
import { errorOf, versionOf } from '../workflows/read.ts'
import { handlesOf } from './entries.ts'

type View = z.infer<typeof BacktestView>
type Row = { delivery: string; at: number; event: TriggerEvent }

const recorded = {
  name: 'deliveries recorded',
  text: `select delivery, received_at as at, trigger_event as event from vp.deliveries where workspace = $1 and trigger_event is not null and tool = any($2)
    order by received_at desc, delivery desc limit $3`,
}
const counted = {
  name: 'deliveries counted',
  text: `select count(*) as events, min(at) as since from (select received_at as at from vp.deliveries where workspace = $1 and trigger_event is not null order by received_at desc limit $2) d`,
}
/** The last runs of this name whose whole cost is known. */
const costs = {
  name: 'runs cost',
  text: `select count(*) as runs, percentile_cont(0.5) within group (order by usd_micros) as median from (select usd_micros from vp.runs
    where workspace = $1 and workflow_name = $2 and finished_at is not null and usd_micros is not null order by started_at desc limit 100) r`,
}

/** The answer, or the mistakes of a text that does not compile. */
export const backtestOf = async (
  tx: Tx,
  { source, limit }: { source: string; limit: number },
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
  // Only kinds of events that either version listens to are read whole; how many there were in all is counted beside.
  const [{ rows }, all, people, cost] = await Promise.all([
    tx.query<Row>(recorded, [tx.workspace, tools, limit]),
    tx.query<{ events: number; since: number | null }>(counted, [tx.workspace, limit]),
    readPeople(tx),
    tx.query<{ runs: number; median: number | null }>(costs, [tx.workspace, compiled.name]),
  ])
  const found = backtest(rows, compiled, held?.compiled ?? null, handlesOf(people))
  const { runs, median } = cost.rows[0]!
  const since = [all.rows[0]!.since, ...rows.slice(-1).map((row) => row.at)].filter((at) => at !== null)
  return {
    workflow: compiled.name,
    version: held?.version ?? null,
    ...found,
    events: Math.max(all.rows[0]!.events, rows.length),
    since: since.length > 0 ? Math.min(...since) : null,
    missedBy: [...found.missedBy],
    rows: [...found.rows],
    asked: askedBy(compiled, found.draft.starts),
    spend:
      runs === 0 || median === null
        ? null
        : { runs, medianUsd: median / 1e6, projectedUsd: (median / 1e6) * found.draft.starts },
  }
}

const askedBy = (compiled: Compiled, times: number): View['asked'] =>
  compiled.steps.flatMap((step) =>
    step.kind === 'gate' ? [{ gate: step.name, approvers: [...step.approvers], times }] : [],
  )
