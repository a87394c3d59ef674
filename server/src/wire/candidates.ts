/**
 * Which pieces of work may this runner get, the first one first?
 * Read without locks, page by page, until the reader has what it wants or nothing is left: work that does not fit, however much
 * of it waits, hides none that does. It never decides who gets a piece; `take` does.
 */
import type { Tx } from '../database/tenant.ts'
import { atLeast, lacks, type Offered, type Wanted } from './fit.ts'

export type WorkRow = Wanted & {
  run: string
  key: string
  step: string
  attempt: number
  round: number
  priority: number
  ready_at: number
}

/** Most find theirs on the first page; who does not reads on in larger ones. */
const [firstPage, laterPages] = [16, 256]

// What is cheap to say in SQL is said there; `lacks` has the last word.
const ready = {
  name: 'work ready',
  text: `select run, key, kind, step, attempt, round, agent, mode, isolation, requires, repos, runner, pool, priority, ready_at,
      case when $11::boolean then (select n.spec ->> 'bodies' from vp.runs n where n.workspace = $1 and n.run = vp.work.run) end as bodies from vp.work
    where workspace = $1 and pool = $2 and state = 'ready' and (runner is null or runner = $3) and (agent is null or agent = any($4)) and (isolation is null or isolation = any($5))
      and ($6::int is null or (-priority, ready_at, run, key) > ($6, $7, $8, $9))
    order by priority desc, ready_at, run, key limit $10`,
}

/** Work that fits this runner, in the order in which it is given out. */
export async function* candidates(tx: Tx, runner: Offered): AsyncGenerator<WorkRow> {
  const { agents, isolation, mode } = runner.capabilities
  const usable = agents.filter((agent) => agent.usable).map((agent) => agent.name)
  let last: WorkRow | null = null
  for (;;) {
    const size: number = last ? laterPages : firstPage
    const after: (string | number | null)[] = last
      ? [-last.priority, last.ready_at, last.run, last.key]
      : [null, null, null, null]
    const { rows }: { rows: WorkRow[] } = await tx.query<WorkRow>(ready, [
      tx.workspace,
      runner.pool,
      runner.runner,
      usable,
      atLeast(isolation.level),
      ...after,
      size,
      mode === 'ephemeral',
    ])
    for (const row of rows) if (lacks(row, runner).length === 0) yield row
    if (rows.length < size) return
    last = rows.at(-1)!
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
