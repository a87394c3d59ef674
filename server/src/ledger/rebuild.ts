/**
 * Do the rows still say what the facts say? And if not, how are they made again?
 * Every run is folded from its facts and its rows are written anew; what differed is counted. Leases, which no fact
 * tells, keep the work they hold.
 */
import { canonical } from '@viewportai/core/digest/canonical'
import { evolve } from '@viewportai/core/run/evolve'
import { foldVersion } from '@viewportai/core/run/fold-version'
import { readFact, type Fact } from '@viewportai/core/run/facts'
import type { RunState } from '@viewportai/core/run/state'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from './act.ts'
import { project } from './project.ts'
import { factsOf } from './read.ts'
import { runColumns } from './statements.ts'
import { recompute } from './verify.ts'

/** What a rebuild found. `different`: runs whose rows were not what the facts say, and which tables. */
type Rebuilt = {
  readonly runs: number
  readonly different: readonly { readonly run: string; readonly tables: readonly string[] }[]
}

/** Makes the rows of a workspace again from its facts, run by run, while work goes on. Throws when a chain is broken: nothing is read from facts that were changed. */
export const rebuild = async (db: Database, workspace: string): Promise<Rebuilt> => {
  const runs = await inWorkspace(db, workspace, async (tx) =>
    (
      await tx.query<{ run: string }>(
        `select run from vp.facts where workspace = $1 and seq = 1 and run <> $1 union select run from vp.runs where workspace = $1 order by run`,
        [workspace],
      )
    ).rows.map((row) => row.run),
  )
  const different: { run: string; tables: string[] }[] = []
  for (const run of runs) {
    const tables = await repeatedly(() => inWorkspace(db, workspace, (tx) => rebuildRun(tx, run)))
    if (tables.length > 0) different.push({ run, tables })
  }
  return { runs: runs.length, different }
}

const caches = ['runs', 'gates', 'gate_approvers', 'work', 'changes', 'stuck_effects'] as const

/** One run. Answers with the tables whose rows were not what its facts say. Throws when the facts cannot be trusted or read. */
export const rebuildRun = async (tx: Tx, run: string): Promise<string[]> => {
  await tx.query('select from vp.runs where workspace = $1 and run = $2 for update', [tx.workspace, run])
  const before = await snapshot(tx, run)
  const chain = await recompute(tx, run)
  if (!chain.ok) throw new Error(`The facts of ${run} cannot be trusted: ${chain.why}. Restore a backup.`)
  await tx.query('savepoint rebuilding')
  const waited = await waitingOf(tx, run)
  await clear(tx, run)
  if (chain.count > 0) await writeAnew(tx, run, chain)
  await tx.query(waitAgain, [tx.workspace, run, JSON.stringify(waited)])
  const after = await snapshot(tx, run)
  const different = caches.filter((table) => before[table] !== after[table])
  if (different.length === 0) await tx.query('rollback to savepoint rebuilding') // what no fact tells stays: since when work is ready
  await tx.query('update vp.runs set fold = $3 where workspace = $1 and run = $2 and fold <> $3', [
    tx.workspace,
    run,
    foldVersion,
  ])
  return different
}

const writeAnew = async (tx: Tx, run: string, { count, hash }: { count: number; hash: string }): Promise<void> => {
  const { state, changedAt } = fold((await factsOf(tx, run, 0, count)).map((fact) => readFact(fact.text)))
  project(tx, [{ before: null, after: state, hash }])
  if (changedAt)
    await tx.query('update vp.changes set opened_at = $3, updated_at = $4 where workspace = $1 and run = $2', [
      tx.workspace,
      run,
      changedAt.first,
      changedAt.last,
    ])
  await tx.query(
    `update vp.work w set state = 'leased', lease = l.lease, epoch = l.epoch from vp.leases l
      where w.workspace = $1 and w.run = $2 and l.workspace = $1 and l.run = w.run and l.key = w.key and l.state in ('offered', 'held')`,
    [tx.workspace, run],
  )
}

// What no fact tells of work that is still to be done: since when, how urgently.
const waitingOf = async (tx: Tx, run: string): Promise<{ key: string; ready_at: number; priority: number }[]> =>
  (
    await tx.query<{ key: string; ready_at: number; priority: number }>(
      'select key, ready_at, priority from vp.work where workspace = $1 and run = $2',
      [tx.workspace, run],
    )
  ).rows
const waitAgain =
  'update vp.work w set ready_at = v.ready_at, priority = v.priority from json_to_recordset($3::json) as v (key text, ready_at bigint, priority int) where w.workspace = $1 and w.run = $2 and w.key = v.key'

const fold = (facts: Fact[]): { state: RunState; changedAt: { first: number; last: number } | null } => {
  let state: RunState | null = null
  const times: number[] = []
  for (const fact of facts) {
    const next: RunState = evolve(state, fact)
    if (next.change !== (state?.change ?? null)) times.push(fact.at)
    state = next
  }
  return { state: state!, changedAt: times.length > 0 ? { first: times[0]!, last: times.at(-1)! } : null }
}

const ofRun: Record<(typeof caches)[number], string> = {
  runs: 'run = $2',
  gates: 'run = $2',
  gate_approvers: 'gate in (select gate from vp.gates where workspace = $1 and run = $2)',
  work: 'run = $2',
  changes: 'run = $2',
  stuck_effects: 'run = $2',
}

// Row by row as PostgreSQL writes it: jsonb would choke on \u0000. When work became ready and why nobody takes it no fact tells.
const shown: Partial<Record<(typeof caches)[number], string>> = {
  runs: `(${runColumns
    .filter((name) => name !== 'state' && name !== 'spec' && name !== 'fold')
    .map((name) => `t.${name}`)
    .join(', ')})`,
  work: '(t.run, t.key, t.kind, t.step, t.attempt, t.round, t.intent, t.agent, t.mode, t.model, t.pool, t.isolation, t.requires, t.repos, t.runner, t.priority, t.state, t.epoch, t.lease)',
}

const snapshot = async (tx: Tx, run: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const table of caches) {
    const { rows } = await tx.query<{ text: string }>(
      `select coalesce(string_agg(r, e'\\n' order by r), '') as text from (select ${shown[table] ?? 't'}::text as r from vp.${table} t where workspace = $1 and ${ofRun[table]}) as rows`,
      [tx.workspace, run],
    )
    found[table] = rows[0]!.text
  }
  const { rows } = await tx.query<{ state: unknown; spec: unknown }>(
    'select state, spec from vp.runs where workspace = $1 and run = $2',
    [tx.workspace, run],
  )
  return { ...found, runs: found['runs'] + canonical(rows) } // the order of keys is no difference
}

const clear = async (tx: Tx, run: string): Promise<void> => {
  for (const table of ['gate_approvers', 'gates', 'work', 'changes', 'stuck_effects', 'runs'] as const)
    await tx.query(`delete from vp.${table} where workspace = $1 and ${ofRun[table]}`, [tx.workspace, run])
}
