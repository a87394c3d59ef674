/** What would this text have started over what came in last, who would have been asked, and about what would it have cost? */
import type { z } from 'zod'
import type { BacktestView } from '@viewportai/core/api/backtest'
import { backtesting, slotIn, type Backtesting } from '@viewportai/core/match/backtest'
import type { Going } from '@viewportai/core/match/play-starts'
import { toldBacktest, withRowsOf } from '@viewportai/core/match/told-backtest'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import { readConnections } from '../tools/connections.ts'
import { takingTurns } from '../turns.ts'
import { errorOf, versionOf, type StoredVersion } from '../workflows/read.ts'
import { agentFor, readWorld, type World } from '../workflows/world.ts'
import { subjectOf } from './breaker.ts'
import { handlesOf } from './entries.ts'
import { isHeardBeside } from './read-delivery.ts'
import { kindsOf, readRecorded, readGoing, type Place, type RecordedRow } from './recorded.ts'

type View = z.infer<typeof BacktestView>
type Costs = {
  runs: number
  unknown: number
  median: number | null
  least: number | null
  most: number | null
  ended: number
  lasts: number | null
  now: number
}

/** The last runs of this name; a cost is null where a part of it is not known. How long they went on is not known of those that were stopped. */
const costs = {
  name: 'runs cost',
  text: `select count(usd_micros)::int as runs, (count(*) - count(usd_micros))::int as unknown, percentile_cont(0.5) within group (order by usd_micros) as median, min(usd_micros)::float8 as least, max(usd_micros)::float8 as most,
      (count(*) filter (where outcome <> 'cancelled'))::int as ended, percentile_cont(0.5) within group (order by finished_at - started_at) filter (where outcome <> 'cancelled') as lasts, vp.now_ms() as now
    from (select usd_micros, finished_at, started_at, outcome from vp.runs where workspace = $1 and workflow_name = $2 and finished_at is not null and not rehearsal order by started_at desc limit 100) r`,
}

/** So long (ms) one answer computes; then it tells how far it came. A text may make every event costly, and nobody else is to wait for that. */
const budgetMillis = 2_000
/** So many events are read at once. Two such pages are in memory, with their texts: one that is looked at, and the next one, which the database reads meanwhile. */
const pageOf = 100

type Asked = { source: string; limit: number; before: string | null; piece?: boolean }

/**
 * The answer, or the mistakes of a text that does not compile. It lets others in between, and ends early when its time is used up or when whoever
 * asked has left: `older` is where it goes on. `budget`: in milliseconds of computing.
 */
export const backtestOf = async (
  tx: Tx,
  { source, limit, before, piece = false }: Asked,
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
  const kinds = kindsOf(held ? [compiled, held.compiled] : [compiled])
  const [, at, delivery] =
    before === null ? ['', String(Number.MAX_SAFE_INTEGER), ''] : (/^(\d{1,16})\.(dlv_\w{1,30})$/.exec(before) ?? [])
  if (at === undefined || delivery === undefined)
    return refuse('invalid', { where: 'body.before', why: 'it is not a place in the list' })
  const [world, cost, connections] = await Promise.all([
    readWorld(tx),
    tx.query<Costs>(costs, [tx.workspace, compiled.name]),
    readConnections(tx),
  ])
  const beside = new Map(
    connections.flatMap((row) =>
      row.source !== null && isHeardBeside(connections, row) ? [[row.source, row] as const] : [],
    ),
  )
  const one = backtesting({
    draft: compiled,
    current: held?.compiled ?? null,
    people: handlesOf(world.people),
    subjectOf,
    agentsAt: (place) => agentsAt(place, world),
  })
  const from = { at: Number(at), delivery }
  const { looked, last, more } = await play(tx, one, { kinds, held, beside, from, limit, left, budget })
  const { runs, unknown, median, least, most, ended, lasts: medianLasts, now: until } = cost.rows[0]!
  const found = { ...one.found(), events: looked, going: await goingOf(tx, compiled, held, last) }
  const lasts = Math.round(medianLasts ?? compiled.budget.seconds * 1_000)
  const { missedBy, rows, asked, assumed, ...told } = toldBacktest(found, { lasts, until })
  return {
    workflow: compiled.name,
    version: held?.version ?? null,
    ...told,
    since: last?.at ?? null,
    missedBy: [...missedBy],
    rows: [...rows],
    asked: [...asked],
    assumed: { ...assumed, runs: medianLasts === null ? 0 : ended },
    spend:
      median === null || least === null || most === null
        ? null
        : {
            runs,
            unknown,
            medianUsd: median / 1e6,
            leastUsd: least / 1e6,
            mostUsd: most / 1e6,
            projectedUsd: (median / 1e6) * told.draft.starts,
          },
    older: more && last ? `${last.at}.${last.delivery}` : null,
    piece: piece ? { found: withRowsOf(found, { rows }) as NonNullable<View['piece']>['found'], until } : null,
  }
}

/** The agents of a workflow's steps at one of its places, as they would be pinned now. */
const agentsAt = (compiled: Compiled, world: World): Record<string, string> =>
  Object.fromEntries(
    compiled.steps.flatMap((step) => {
      if (step.kind !== 'agent') return []
      const agent = agentFor(world, compiled.runner.pool ?? world.defaultPool, step)
      return agent === null ? [] : [[step.id, agent]]
    }),
  )

/** What of the workflow went on when the oldest event came, by the slots of either version. */
const goingOf = async (
  tx: Tx,
  draft: Compiled,
  held: StoredVersion | null,
  last: Place | null,
): Promise<{ draft: Going[]; current: Going[] }> => {
  if (last === null || held === null || !(draft.concurrency ?? held.compiled.concurrency))
    return { draft: [], current: [] }
  const all = await readGoing(tx, held.workflow, last.at)
  const by = (compiled: Compiled): Going[] =>
    all.flatMap((run) => {
      const slot = slotIn(compiled, run)
      return slot === null ? [] : [{ slot, from: run.from, to: run.to }]
    })
  return { draft: by(draft), current: by(held.compiled) }
}

type Over = {
  readonly kinds: readonly string[]
  readonly held: StoredVersion | null
  readonly beside: Parameters<typeof readRecorded>[1]['beside']
  readonly from: Place
  readonly limit: number
  readonly left: AbortSignal
  readonly budget: number
}

/** Tells of event after event, the newest first, one of them at least. `more`: are there older ones? */
const play = async (
  tx: Tx,
  one: Backtesting,
  { left, budget, ...over }: Over,
): Promise<{ looked: number; last: Place | null; more: boolean }> => {
  const turn = takingTurns()
  let [looked, spent, more]: [number, number, boolean] = [0, 0, true]
  let last: Place | null = null
  for await (const { rows, isLast } of pages(tx, over)) {
    more = !isLast
    for (const [index, row] of rows.entries()) {
      const began = performance.now()
      if (row.recorded !== null) one.add(row.recorded)
      spent += performance.now() - began
      looked += 1
      last = { at: row.at, delivery: row.delivery }
      if (spent >= budget || left.aborted) return { looked, last, more: !isLast || index < rows.length - 1 }
      await turn()
    }
  }
  return { looked, last, more }
}

/** Page after page until there are `limit` events or no more. The next one is asked for before one is given. `isLast`: there is nothing older. */
async function* pages(
  tx: Tx,
  { limit, from, ...about }: Pick<Over, 'kinds' | 'held' | 'beside' | 'from' | 'limit'>,
): AsyncGenerator<{ rows: RecordedRow[]; isLast: boolean }> {
  const take = (left: number): number => Math.min(pageOf, left)
  const ask = (place: Place, left: number): Promise<RecordedRow[]> => {
    const page = readRecorded(tx, { ...about, from: place, limit: take(left) + 1 })
    page.catch(() => {}) // it may fail before anybody waits for it; whoever does is told
    return page
  }
  let left = limit
  let asked: Promise<RecordedRow[]> | null = ask(from, left)
  try {
    while (asked !== null) {
      const found: RecordedRow[] = await asked
      const rows = found.slice(0, take(left))
      const isLast = found.length === rows.length
      left -= rows.length
      asked = isLast || left === 0 ? null : ask(rows.at(-1)!, left)
      yield { rows, isLast }
    }
  } finally {
    await asked?.catch(() => {}) // whoever stops earlier does not want it; what is wrong with it, the transaction says
  }
}
