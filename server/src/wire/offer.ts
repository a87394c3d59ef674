/**
 * Which piece of work does this runner get next?
 * A lease is a row with an epoch that grows at every offer; the job is built from the run's state at this moment. It never
 * offers work to a runner that is draining, full or lacks what the work needs.
 */
import { randomBytes } from 'node:crypto'
import { idFrom } from '@viewportai/core/ids'
import { digestOf } from '@viewportai/core/digest/canonical'
import { due } from '@viewportai/core/run/due'
import { jobOf } from '@viewportai/core/run/job'
import type { RunState } from '@viewportai/core/run/state'
import { grantFor, grantType } from '@viewportai/core/wire/grant'
import type { Capabilities, Lease } from '@viewportai/core/wire/messages'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { stateFrom } from '../ledger/reading.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { lacks, type Offered, type Wanted } from './fit.ts'

type WorkRow = Wanted & { run: string; key: string; step: string; attempt: number; round: number }
type LeaseRow = { lease: string; run: string; key: string; step: string; attempt: number; epoch: number }
/** How many pieces are looked at for one that fits. */
const candidates = 16

/** A lease for this runner, or null when nothing fits now. The same `request` gets the same lease again while it lives. */
export const offerWork = async (context: WireContext, known: KnownRunner, request: string): Promise<Lease | null> => {
  const found = await repeatedly(() =>
    inWorkspace(
      context.db,
      known.workspace,
      async (tx) => (await again(tx, known, request)) ?? (await fresh(tx, context, known, request)),
    ),
  )
  if (!found) return null
  const { row, state, round } = found
  const work = {
    kind: 'work',
    key: row.key,
    step: row.step,
    attempt: row.attempt,
    round,
    work: state.intents[row.step] ? 'effect' : 'agent',
    intent: state.intents[row.step] ? row.step : null,
    agent: null,
    mode: null,
    runner: known.runner,
    pool: '',
  } as const
  const job = jobOf(state, work)
  const lease = {
    lease: row.lease,
    run: row.run,
    workflow: state.spec.workflow.name,
    step: row.step,
    attempt: row.attempt,
    round,
    epoch: row.epoch,
    ttlSeconds: context.leaseSeconds,
    bodies: state.spec.bodies,
    job,
  }
  const exp = Math.floor(Date.now() / 1_000) + 2 * context.leaseSeconds + 60
  return { ...lease, grant: await context.keys.sign(grantFor(lease, exp), grantType) }
}

type Found = { row: LeaseRow; state: RunState; round: number }

const stateOf = async (tx: Tx, run: string): Promise<RunState> => {
  const { rows } = await tx.query<{ state: Omit<RunState, 'spec'>; spec: RunState['spec'] }>(
    { name: 'run state', text: 'select state, spec from vp.runs where workspace = $1 and run = $2' },
    [tx.workspace, run],
  )
  if (!rows[0]) throw new Error(`work names ${run}, which does not exist`)
  return stateFrom(rows[0].state, rows[0].spec)
}

const again = async (tx: Tx, known: KnownRunner, request: string): Promise<Found | null> => {
  const { rows } = await tx.query<LeaseRow>(
    {
      name: 'lease again',
      text: `select lease, run, key, step, attempt, epoch from vp.leases where workspace = $1 and runner = $2 and request = $3 and state in ('offered', 'held') and expires_at > vp.now_ms()`,
    },
    [tx.workspace, known.runner, request],
  )
  const row = rows[0]
  if (!row) return null
  const state = await stateOf(tx, row.run)
  const one = due(state).find((d) => d.kind === 'work' && d.key === row.key)
  return one?.kind === 'work' ? { row, state, round: one.round } : null
}

const fresh = async (tx: Tx, context: WireContext, known: KnownRunner, request: string): Promise<Found | null> => {
  const { rows: me } = await tx.query<Offered & { state: string; busy: number }>(
    {
      name: 'runner to offer',
      text: `select r.runner, r.name, r.pool, r.repositories, r.capabilities, r.state, (select count(*)::int from vp.leases l where l.workspace = r.workspace and l.runner = r.runner and l.state in ('offered', 'held')) as busy from vp.runners r where r.workspace = $1 and r.runner = $2`,
    },
    [tx.workspace, known.runner],
  )
  const runner = me[0]
  if (!runner || runner.state !== 'active' || runner.busy >= (runner.capabilities as Capabilities).slots) return null
  const { rows } = await tx.query<WorkRow>(
    {
      name: 'work for',
      text: `select run, key, kind, step, attempt, round, agent, mode, isolation, requires, repos, runner, pool from vp.work where workspace = $1 and pool = $2 and state = 'ready' and (runner is null or runner = $3) order by priority desc, ready_at limit $4 for update skip locked`,
    },
    [tx.workspace, runner.pool, known.runner, candidates],
  )
  const work = rows.find((row) => lacks(row, runner).length === 0)
  if (!work) return null
  const state = await stateOf(tx, work.run)
  const one = due(state).find((d) => d.kind === 'work' && d.key === work.key)
  if (one?.kind !== 'work') return null // its fact is being written right now
  const lease = idFrom('lease', randomBytes(13))
  const { rows: made } = await tx.query<{ epoch: number }>(
    {
      name: 'lease offer',
      text: `insert into vp.leases (workspace, lease, run, key, step, attempt, epoch, runner, request, state, job_digest, expires_at)
      select $1, $2, $3, $4, $5, $6, coalesce(max(l.epoch), 0) + 1, $7, $8, 'offered', $9, vp.now_ms() + $10 from vp.leases l where l.workspace = $1 and l.run = $3 and l.step = $5 returning epoch`,
    },
    [
      tx.workspace,
      lease,
      work.run,
      work.key,
      work.step,
      work.attempt,
      known.runner,
      request,
      digestOf(jobOf(state, one)),
      context.leaseSeconds * 1_000,
    ],
  )
  const epoch = made[0]!.epoch
  await tx.query(
    {
      name: 'work leased',
      text: `update vp.work set state = 'leased', epoch = $4, lease = $5, why = null where workspace = $1 and run = $2 and key = $3`,
    },
    [tx.workspace, work.run, work.key, epoch, lease],
  )
  return {
    row: { lease, run: work.run, key: work.key, step: work.step, attempt: work.attempt, epoch },
    state,
    round: one.round,
  }
}
