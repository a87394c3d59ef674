/**
 * Which piece of work does this runner get next?
 * A lease is a row with an epoch that grows at every offer; the job is built from the run's state at this moment. It never
 * offers work to a runner that is draining, full or lacks what the work needs.
 */
import { digestOf } from '@viewportai/core/digest/canonical'
import { due } from '@viewportai/core/run/due'
import { jobOf } from '@viewportai/core/run/job'
import type { RunState } from '@viewportai/core/run/state'
import { grantFor, grantType } from '@viewportai/core/wire/grant'
import type { Capabilities, Lease } from '@viewportai/core/wire/messages'
import { withConnection } from '../broker/at-runner.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { repeatedly } from '../ledger/act.ts'
import { stateColumns } from '../ledger/read.ts'
import { stateFrom } from '../ledger/reading.ts'
import { readLeaves } from '../workspace/choices.ts'
import { candidates, take, type Asking, type WorkRow } from './candidates.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { endLease } from './lost.ts'
import { fullRepositories, hasRoom, isLiving } from './repository-limit.ts'
import { sourceOf } from './source.ts'

type LeaseRow = { lease: string; run: string; key: string; step: string; attempt: number; epoch: number }

/** A lease for this runner (of the run `only`, where one is named), or null when nothing fits now. The same `request` gets the same lease again while it lives; afterwards it asks anew. */
export const offerWork = async (
  context: WireContext,
  known: KnownRunner,
  request: string,
  only?: string,
): Promise<Lease | null> => {
  const found = await repeatedly(() =>
    inWorkspace(context.db, known.workspace, async (tx) => {
      const before = await again(tx, context, known, request)
      const piece = before === 'new' ? await fresh(tx, context, known, request, only) : before
      return piece && { ...piece, source: await sourceOf(tx, piece.state), leaves: await readLeaves(tx) }
    }),
  )
  if (!found) return null
  const { row, state, work, job, source, leaves } = found
  const lease = {
    lease: row.lease,
    run: row.run,
    workflow: state.spec.workflow.name,
    step: row.step,
    attempt: row.attempt,
    round: work.round,
    epoch: row.epoch,
    ttlSeconds: context.leaseSeconds,
    bodies: state.spec.bodies,
    ...(leaves !== 'excerpt' && { leaves }),
    job,
    source,
  }
  const exp = Math.floor(Date.now() / 1_000) + 2 * context.leaseSeconds + 60
  return { ...lease, grant: await context.keys.sign(grantFor(lease, exp), grantType) }
}

type Found = { row: LeaseRow; state: RunState; work: DueWork; job: ReturnType<typeof jobOf> }

type DueWork = Extract<ReturnType<typeof due>[number], { kind: 'work' }>

/** What a run says of a piece of its work, with the job built once. Null: its fact is being written right now, or the run cannot be read, which is remembered. */
const prepared = async (
  tx: Tx,
  { stuck }: WireContext,
  { run, key }: { run: string; key: string },
): Promise<{ state: RunState; work: DueWork; job: ReturnType<typeof jobOf> } | null> => {
  const columns = await stateColumns(tx, run)
  if (!columns) throw new Error(`work names ${run}, which does not exist`)
  try {
    const state = stateFrom(columns)
    const work = due(state).find((one): one is DueWork => one.kind === 'work' && one.key === key)
    const job = work && (await withConnection(tx, state, jobOf(state, work)))
    stuck.fine('work', workName(tx, run, key))
    return work && job ? { state, work, job } : null
  } catch (error) {
    stuck.failed('work', workName(tx, run, key), error)
    return null
  }
}

const workName = (tx: Tx, run: string, key: string): string => `${tx.workspace} ${run} ${key}`

/** The lease this request got before; null when its work has begun meanwhile. `new`: there is none that lives. */
const again = async (
  tx: Tx,
  context: WireContext,
  known: KnownRunner,
  request: string,
): Promise<Found | null | 'new'> => {
  const { rows } = await tx.query<LeaseRow & { lives: boolean }>(
    {
      name: 'lease again',
      text: `select lease, run, key, step, attempt, epoch, state in ('offered', 'held') and expires_at > vp.now_ms() as lives from vp.leases where workspace = $1 and runner = $2 and request = $3`,
    },
    [tx.workspace, known.runner, request],
  )
  const row = rows[0]
  if (row && !row.lives) await release(tx, row.lease)
  if (!row?.lives) return 'new'
  const is = await prepared(tx, context, row)
  return is && { row, ...is }
}

/** A runner whose request was answered too late for the lease asks again by the same id: it must not meet its own old lease for ever. */
const release = async (tx: Tx, lease: string): Promise<void> => {
  await endLease(tx, lease, 'No beat came before the lease ended.', true)
  await tx.query('update vp.leases set request = lease where workspace = $1 and lease = $2', [tx.workspace, lease])
}

const fresh = async (
  tx: Tx,
  context: WireContext,
  known: KnownRunner,
  request: string,
  only: string | undefined,
): Promise<Found | null> => {
  const runner = await withFreeSlot(tx, known)
  if (!runner) return null
  let alone = false
  for await (const work of candidates(tx, runner)) {
    if (only !== undefined && work.run !== only) continue
    if (!context.stuck.may('work', workName(tx, work.run, work.key))) continue
    if (!alone) {
      // Only now: a runner that asks in vain, as most do, writes nothing. What another ask of it took meanwhile is seen from here on.
      await askAlone(tx, known)
      alone = true
      const before = await again(tx, context, known, request)
      if (before !== 'new') return before
      if (!(await withFreeSlot(tx, known))) return null
    }
    if (!(await take(tx, work))) continue // another runner was faster
    if (!(await hasRoom(tx, work.repos))) continue // another one got the last place in a repository
    const is = await prepared(tx, context, work)
    if (is) return { ...is, row: await lease(tx, context, known, request, work, is.job) }
  }
  return null
}

/** The runner, or null when it may have no more work now. */
const withFreeSlot = async (tx: Tx, known: KnownRunner): Promise<Asking | null> => {
  const { rows } = await tx.query<Asking & { state: string; busy: number }>(
    {
      name: 'runner to offer',
      text: `select r.runner, r.name, r.pool, r.repositories, r.capabilities, r.state, r.no_wall as "noWall", (select count(*)::int from vp.leases l where l.workspace = $1 and l.runner = $2 and ${isLiving}) as busy, ${fullRepositories} as full from vp.runners r where r.workspace = $1 and r.runner = $2`,
    },
    [tx.workspace, known.runner],
  )
  const runner = rows[0]
  return runner && runner.state === 'active' && runner.busy < (runner.capabilities as Capabilities).slots
    ? runner
    : null
}

/** Until the transaction ends, no other ask of this runner is given work: else two at once exceed its slots, or share a request id. */
const askAlone = (tx: Tx, known: KnownRunner): Promise<unknown> =>
  tx.query(
    {
      name: 'runner asks alone',
      text: 'select from vp.runners where workspace = $1 and runner = $2 for no key update',
    },
    [tx.workspace, known.runner],
  )

const lease = async (
  tx: Tx,
  context: WireContext,
  known: KnownRunner,
  request: string,
  work: WorkRow,
  job: ReturnType<typeof jobOf>,
): Promise<LeaseRow> => {
  const id = freshId('lease')
  const { rows: made } = await tx.query<{ epoch: number }>(
    {
      name: 'lease offer',
      text: `insert into vp.leases (workspace, lease, run, key, step, attempt, epoch, runner, request, state, job_digest, expires_at, repos)
      select $1, $2, $3, $4, $5, $6, coalesce(max(l.epoch), 0) + 1, $7, $8, 'offered', $9, vp.now_ms() + $10, $11 from vp.leases l where l.workspace = $1 and l.run = $3 and l.step = $5 returning epoch`,
    },
    [
      tx.workspace,
      id,
      work.run,
      work.key,
      work.step,
      work.attempt,
      known.runner,
      request,
      digestOf(job),
      context.leaseSeconds * 1_000,
      work.repos,
    ],
  )
  const epoch = made[0]!.epoch
  await tx.query(
    {
      name: 'work leased',
      text: `with turn as (insert into vp.turns as t (workspace, pool, workflow, served) values ($1, $6, $7, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
          on conflict (workspace, pool, workflow) do update set served = greatest(t.served, excluded.served))
        update vp.work set state = 'leased', epoch = $4, lease = $5, why = null where workspace = $1 and run = $2 and key = $3`,
    },
    [tx.workspace, work.run, work.key, epoch, id, work.pool, work.workflow],
  )
  return { lease: id, run: work.run, key: work.key, step: work.step, attempt: work.attempt, epoch }
}
