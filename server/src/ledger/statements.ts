/**
 * With which statements are the readings of the facts written?
 * One named statement per thing, planned once per connection; many rows travel as one array per column.
 */
import { roomLeft } from '../engine/due.ts'
import type { GateRow, RunRow } from './reading.ts'

type Statement = { readonly name: string; readonly text: string }

const runTypes = {
  run: 'text',
  number: 'bigint',
  seq: 'int',
  hash: 'text',
  fold: 'int',
  state: 'text',
  spec: 'text',
  status: 'text',
  outcome: 'text',
  workflow: 'text',
  workflow_name: 'text',
  workflow_version: 'int',
  title: 'text',
  source: 'text',
  delivery: 'text',
  requester: 'text',
  waiting: 'text',
  pool: 'text',
  runner: 'text',
  tainted: 'boolean',
  sample: 'boolean',
  rehearsal: 'boolean',
  started_at: 'bigint',
  updated_at: 'bigint',
  waiting_since: 'bigint',
  cancelling_at: 'bigint',
  finished_at: 'bigint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  usd_micros: 'bigint',
  shown: 'text',
  slot: 'text',
  branch: 'text',
} as const satisfies Record<keyof RunRow | 'hash', string>
type RunColumn = keyof typeof runTypes

export const runColumns = Object.keys(runTypes) as RunColumn[]
/** What a later fact can change. The spec is not among it, so that its bytes are not written again. */
export const changingRunColumns: RunColumn[] = [
  'run',
  'seq',
  'hash',
  'state',
  'status',
  'outcome',
  'waiting',
  'pool',
  'runner',
  'updated_at',
  'waiting_since',
  'cancelling_at',
  'finished_at',
  'input_tokens',
  'output_tokens',
  'usd_micros',
  'shown',
  'slot',
]

/** One array per column, in the order of the names. */
export const columns = <R extends object>(rows: R[], names: readonly (keyof R)[]): unknown[][] =>
  names.map((name) => rows.map((row) => row[name]))

/** `unnest($2::text[], …) as v (run, …)`; $1 is the workspace. */
const unnested = (names: readonly string[], types: Record<string, string>): string =>
  `unnest(${names.map((name, at) => `$${at + 2}::${types[name]}[]`).join(', ')}) as v (${names.join(', ')})`
const isJson = (name: string): boolean => name === 'state' || name === 'spec' || name === 'shown'
const cast = (name: string): string => (isJson(name) ? `v.${name}::json` : `v.${name}`)

/** Runs of this transaction, locked in a fixed order so that two batches never wait for each other. */
export const lockRuns: Statement = {
  name: 'ledger lock',
  text: 'select run, seq, hash, fold, state, spec, vp.now_ms() as now from vp.runs where workspace = $1 and run = any($2::text[]) order by run for update',
}

export const insertRuns: Statement = {
  name: 'runs insert',
  text: `insert into vp.runs (workspace, ${runColumns.join(', ')}) select $1, ${runColumns.map(cast).join(', ')} from ${unnested(runColumns, runTypes)}`,
}

export const updateRuns: Statement = {
  name: 'runs update',
  text: `update vp.runs r set ${changingRunColumns
    .filter((name) => name !== 'run')
    .map((name) => `${name} = ${cast(name)}`)
    .join(', ')} from ${unnested(changingRunColumns, runTypes)} where r.workspace = $1 and r.run = v.run`,
}

/** One run, as most appends have it: without arrays PostgreSQL keeps its plan instead of making one each time. */
export const updateRun: Statement = {
  name: 'run update',
  text: `update vp.runs set ${changingRunColumns
    .flatMap((name, at) => (name === 'run' ? [] : [`${name} = $${at + 2}::${isJson(name) ? 'json' : runTypes[name]}`]))
    .join(', ')} where workspace = $1 and run = $${changingRunColumns.indexOf('run') + 2}`,
}

const gateTypes = {
  gate: 'text',
  run: 'text',
  kind: 'text',
  name: 'text',
  step: 'text',
  round: 'int',
  state: 'text',
  outcome: 'text',
  digest: 'text',
  required: 'int',
  votes: 'int',
  not_by: 'json',
  decided_by: 'json',
  expires_at: 'bigint',
  remind_at: 'bigint',
  opened_at: 'bigint',
  closed_at: 'bigint',
  shown: 'text',
} as const satisfies Record<keyof GateRow, string>
const gateNames = Object.keys(gateTypes) as (keyof GateRow)[]
// An array of arrays is no PostgreSQL array when the lengths differ: those two travel as json.
const gateCast = (name: string): string =>
  name === 'not_by' || name === 'decided_by'
    ? `array(select json_array_elements_text(v.${name}))`
    : name === 'shown'
      ? 'v.shown::json'
      : `v.${name}`

export const gateColumnsOf = (rows: GateRow[]): unknown[][] =>
  columns(
    rows.map((row) => ({ ...row, not_by: JSON.stringify(row.not_by), decided_by: JSON.stringify(row.decided_by) })),
    gateNames,
  )

/** Gates, and the approver rows of those that closed go in the same statement: they are rows only while a gate is open. */
export const upsertGates: Statement = {
  name: 'gates upsert',
  text: `with v as (select * from ${unnested(gateNames, gateTypes)}), gone as (delete from vp.gate_approvers where workspace = $1 and gate = any(array(select gate from v where state = 'closed')))
    insert into vp.gates (workspace, ${gateNames.join(', ')}) select $1, ${gateNames.map(gateCast).join(', ')} from v
    on conflict (workspace, gate) do update set ${gateNames
      .filter((name) => name !== 'gate')
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}`,
}
/** Escalation widens who is asked: rows are added while the gate is open, never taken. */
export const insertApprovers: Statement = {
  name: 'approvers insert',
  text: 'insert into vp.gate_approvers (workspace, principal, opened_at, gate) select $1, v.* from unnest($2::text[], $3::bigint[], $4::text[]) as v on conflict do nothing',
}

export const deleteWork: Statement = {
  name: 'work delete',
  text: 'delete from vp.work w using unnest($2::text[], $3::text[]) as v (run, key) where w.workspace = $1 and w.run = v.run and w.key = v.key',
}
/** Work that is leased keeps its lease; only whom it must go to may change under it. */
export const upsertWork: Statement = {
  name: 'work upsert',
  text: `insert into vp.work (workspace, run, key, kind, step, attempt, round, intent, agent, mode, model, pool, isolation, requires, repos, runner, workflow)
    select $1, v.* from json_to_recordset($2::json) as v (run text, key text, kind text, step text, attempt int, round int, intent text, agent text, mode text, model text, pool text, isolation text, requires text[], repos text[], runner text, workflow text)
    on conflict (workspace, run, key) do update set runner = excluded.runner, why = null`,
}

export const upsertChange: Statement = {
  name: 'change upsert',
  text: `insert into vp.changes (workspace, change, run, repo, ref, into_ref, title, state, digest, opened_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
    on conflict (workspace, change) do update set title = excluded.title, state = excluded.state, digest = excluded.digest, updated_at = excluded.updated_at`,
}

export const touch: Statement = {
  name: 'touch',
  text: 'insert into vp.touched (workspace, tool, ref, run) values ($1, $2, $3, $4) on conflict (workspace, tool, ref, run) do update set at = vp.now_ms()',
}
export const upsertWatch: Statement = {
  name: 'watch upsert',
  text: `insert into vp.watches (workspace, run, tool, ref, home, head, state) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (workspace, run) do update set tool = excluded.tool, ref = excluded.ref, home = excluded.home, head = excluded.head, state = excluded.state, next_at = vp.now_ms(), moved_at = vp.now_ms()`,
}
export const deleteWatch: Statement = {
  name: 'watch delete',
  text: 'delete from vp.watches where workspace = $1 and run = $2',
}

/** One that was given up, with its reason, stays so. */
export const againStatuses: Statement = {
  name: 'statuses again',
  text: 'update vp.run_statuses set done_at = null, next_at = vp.now_ms() where workspace = $1 and run = any($2::text[]) and (done_at is null or problem is null)',
}

/** The engine is told in the same transaction, only about rows that are really new, and of as many as it may have of this workspace; the others follow. */
export const enqueueEffects: Statement = {
  name: 'effects enqueue',
  text: `insert into vp.due (workspace, kind, key, run, enqueued_at) select $1, 'effect', v.key, v.run, case when v.n <= ${roomLeft} then vp.now_ms() end from unnest($2::text[], $3::text[]) with ordinality as v (key, run, n)
    on conflict do nothing returning case when enqueued_at is not null then engine.vp_enqueue('effect', 'effects', 'effect:' || key, $1 || ' ' || key) end`,
}

/** Their time comes later: a sweep tells the engine then. */
export const laterEffects: Statement = {
  name: 'effects later',
  text: `insert into vp.due (workspace, kind, key, run, at) select $1, 'effect', v.key, v.run, vp.now_ms() + v.pause from unnest($2::text[], $3::text[], $4::bigint[]) as v (key, run, pause)
    on conflict do nothing`,
}

export const deleteStuck: Statement = {
  name: 'stuck delete',
  text: 'delete from vp.stuck_effects where workspace = $1 and intent = any($2)',
}
export const upsertStuck: Statement = {
  name: 'stuck upsert',
  text: `insert into vp.stuck_effects (workspace, intent, run, since, shown) select $1, v.* from unnest($2::text[], $3::text[], $4::bigint[], $5::json[]) as v
    on conflict (workspace, intent) do update set since = excluded.since, shown = excluded.shown`,
}
