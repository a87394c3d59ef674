/** Which run is meant, and what do the rows beside its facts say? */
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { loadRun } from '../ledger/read.ts'
import { readNames } from '../people/read.ts'
import { unfitFor } from '../wire/lost.ts'
import { runView, type Beside } from './run-view.ts'

/** The id of a run named by id or by number, or not_found. */
export const runCalled = async (tx: Tx, text: string): Promise<string | Refusal> => {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : null
  const { rows } = await tx.query<{ run: string }>(
    { name: 'run called', text: 'select run from vp.runs where workspace = $1 and (run = $2 or number = $3)' },
    [tx.workspace, text, number],
  )
  return rows[0]?.run ?? refuse('not_found', { what: 'run', id: text.slice(0, 60) })
}

/** The state of a run named by id or by number, or not_found. */
export const stateCalled = async (tx: Tx, text: string): Promise<RunState | Refusal> => {
  const run = await runCalled(tx, text)
  return typeof run === 'string' ? (await loadRun(tx, run))! : run
}

const besideRun = {
  name: 'beside run',
  text: `select n.hash, vp.now_ms() as now,
      (select min(w.why) from vp.work w where w.workspace = $1 and w.run = $2 and w.state = 'ready') as why,
      (select sum(length(f.text))::bigint from vp.facts f where f.workspace = $1 and f.run = $2) as fact_bytes,
      (select count(*) from vp.bodies b where b.workspace = $1 and b.run = $2 and b.complete) as stored,
      w.seen_at as looked_at, w.problem as look_problem, s.times, s.bytes, r.runner, r.name, r.pool, r.online and r.state <> 'removed' as online, r.seen_at
    from vp.runs n left join vp.watches w on w.workspace = $1 and w.run = n.run left join vp.served s on s.workspace = $1 and s.run = n.run left join vp.runners r on r.workspace = $1 and r.runner = n.runner
    where n.workspace = $1 and n.run = $2`,
}
type Row = {
  hash: string
  now: number
  why: string | null
  fact_bytes: number
  stored: number
  times: number | null
  bytes: number | null
  runner: string | null
  name: string
  pool: string
  online: boolean
  seen_at: number | null
  looked_at: number | null
  look_problem: string | null
}

/** The page of a run. */
export const readRunView = async (tx: Tx, text: string): Promise<z.infer<typeof RunView> | Refusal> => {
  const state = await stateCalled(tx, text)
  if ('refusal' in state) return state
  const row = (await tx.query<Row>(besideRun, [tx.workspace, state.run])).rows[0]!
  const beside: Beside = {
    hash: row.hash,
    why: row.why,
    unfit: row.why === null ? [] : await unfitFor(tx, state.run),
    now: row.now,
    watch: { seenAt: row.looked_at, problem: row.look_problem },
    runner:
      row.runner === null
        ? null
        : { runner: row.runner, name: row.name, pool: row.pool, online: row.online, lastSeen: row.seen_at },
    left: { factBytes: row.fact_bytes, bodiesStored: row.stored, served: row.times ?? 0, servedBytes: row.bytes ?? 0 },
  }
  return runView(state, await readNames(tx), beside)
}
