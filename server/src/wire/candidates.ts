/**
 * Which pieces of work may this runner get, the first one first?
 * Workflows take turns, so that five hundred waiting runs of one keep no other from work; within a workflow the oldest is first. Read without locks, page by page, until the reader has what it wants or nothing is left: work that does not fit, however much
 * of it waits, hides none that does. It never decides who gets a piece; `take` does.
 */
import { atLeast } from '@viewportai/core/run/wall-level'
import type { Tx } from '../database/tenant.ts'
import { isWalledFor, lacks, type Offered, type Wanted } from './fit.ts'

export type WorkRow = Wanted & {
  run: string
  key: string
  step: string
  attempt: number
  round: number
  workflow: string
  priority: number
  ready_at: number
}
/** A runner that asks; `full`: repositories on which as much is done now as may be. */
export type Asking = Offered & { full: string[] }

// What is cheap to say in SQL is said there; `lacks` has the last word.
const columns = `run, key, kind, step, attempt, round, workflow, agent, mode, model, isolation, requires, repos, runner, pool, priority, ready_at,
      case when $9::boolean then (select n.spec ->> 'bodies' from vp.runs n where n.workspace = $1 and n.run = vp.work.run) end as bodies`
const ready = `workspace = $1 and pool = $2 and state = 'ready'`
const fits = `(runner is null or runner = $3) and (agent is null or agent || ' ' || coalesce(mode, '') = any($4)) and (isolation is null or isolation = any($5)) and repos <@ $6::text[] and not (repos && $7::text[])`

/** The oldest pieces of every workflow, the workflow first that was served longest ago. Most runners find theirs here. */
const [headsOfEach, heads] = [8, 64]
const inTurns = {
  name: 'work in turns',
  text: `with recursive w as (
      (select workflow from vp.work where ${ready} order by workflow limit 1)
      union all
      select (select n.workflow from vp.work n where n.workspace = $1 and n.pool = $2 and n.state = 'ready' and n.workflow > w.workflow order by n.workflow limit 1) from w where w.workflow is not null
    ), waits as (select w.workflow as of, coalesce(t.served, 0) as served from w left join vp.turns t on t.workspace = $1 and t.pool = $2 and t.workflow = w.workflow where w.workflow is not null)
    select c.* from waits cross join lateral (select ${columns} from vp.work where ${ready} and workflow = waits.of and ${fits} order by priority desc, ready_at, run, key limit $8) c
    order by c.priority desc, waits.served, c.ready_at, c.run, c.key limit ${heads}`,
}
/** Whoever finds nothing among those reads on through all, page by page. */
const page = 256
const inOrder = {
  name: 'work ready',
  text: `select ${columns} from vp.work where ${ready} and ${fits}
      and ($10::int is null or (-priority, ready_at, run, key) > ($10, $11, $12, $13))
    order by priority desc, ready_at, run, key limit $8`,
}

/** Work that fits this runner, in the order in which it is given out. A piece may come twice. */
export async function* candidates(tx: Tx, runner: Asking): AsyncGenerator<WorkRow> {
  const { agents, isolation, mode } = runner.capabilities
  const can = agents
    .filter((agent) => agent.usable && isWalledFor(agent.name, runner))
    .flatMap(({ name, modes }) => ['', ...modes].map((way) => `${name} ${way}`))
  const asked = (size: number) => [
    tx.workspace,
    runner.pool,
    runner.runner,
    can,
    atLeast(isolation.level),
    runner.repositories,
    runner.full,
    size,
    mode === 'ephemeral',
  ]
  const { rows } = await tx.query<WorkRow>(inTurns, asked(headsOfEach))
  for (const row of rows) if (lacks(row, runner).length === 0) yield row
  if (rows.length === 0) return // `fits` found nothing at all
  let last: WorkRow | null = null
  for (;;) {
    const after: (string | number | null)[] = last
      ? [-last.priority, last.ready_at, last.run, last.key]
      : [null, null, null, null]
    const { rows: more }: { rows: WorkRow[] } = await tx.query<WorkRow>(inOrder, [...asked(page), ...after])
    for (const row of more) if (lacks(row, runner).length === 0) yield row
    if (more.length < page) return
    last = more.at(-1)!
  }
}

/** Holds it until the transaction ends. False: it is not ready any more, or somebody else holds it. */
export const take = async (tx: Tx, { run, key }: WorkRow): Promise<boolean> => {
  const { rowCount } = await tx.query(
    {
      name: 'work take',
      text: `select from vp.work where workspace = $1 and run = $2 and key = $3 and state = 'ready' for update skip locked`,
    },
    [tx.workspace, run, key],
  )
  return rowCount === 1
}
