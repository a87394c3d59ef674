/**
 * Does this runner still hold this lease, and until when?
 * Acknowledge, refuse, beat: each carries the epoch; a stale one is told so. Time is the database's.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Failure, Usage } from '@viewportai/core/run/facts'
import type { z } from 'zod'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { placeFreed } from './repository-limit.ts'

export type HeldLease = {
  lease: string
  run: string
  key: string
  step: string
  attempt: number
  epoch: number
  state: string
  reported: number
  cancel: string | null
  log_bytes: number
}

/** Locks a lease of this runner and checks the epoch. `live`: it must still be offered or held. */
export const lockLease = async (
  tx: Tx,
  known: KnownRunner,
  lease: string,
  epoch: number,
): Promise<HeldLease | Refusal> => {
  const { rows } = await tx.query<HeldLease & { runner: string }>(
    {
      name: 'lease lock',
      text: 'select lease, run, key, step, attempt, epoch, state, reported, cancel, log_bytes, runner from vp.leases where workspace = $1 and lease = $2 for update',
    },
    [tx.workspace, lease],
  )
  const row = rows[0]
  if (!row || row.runner !== known.runner) return refuse('lease_gone')
  return row.epoch === epoch ? row : refuse('stale_epoch', { current: row.epoch, epoch })
}

/** Is the lease still the runner's? */
export const isLive = (row: HeldLease): boolean => row.state === 'offered' || row.state === 'held'

/** `POST /wire/leases/:lease/ack`: before anything starts. */
export const acknowledge = (
  context: WireContext,
  known: KnownRunner,
  lease: string,
  epoch: number,
): Promise<Refusal | null> =>
  inWorkspace(context.db, known.workspace, async (tx) => {
    const row = await lockLease(tx, known, lease, epoch)
    if ('refusal' in row) return row
    if (!isLive(row)) return refuse('stale_epoch', { current: row.epoch + 1, epoch })
    await tx.query(
      `update vp.leases set state = 'held', acked_at = coalesce(acked_at, vp.now_ms()), expires_at = vp.now_ms() + $3 where workspace = $1 and lease = $2`,
      [tx.workspace, lease, context.leaseSeconds * 1_000],
    )
    return null
  })

/** `POST /wire/leases/:lease/refuse`: the local policy said no before anything started. Work that had begun is lost with it: no run waits for it. */
export const refuseLease = (
  context: WireContext,
  known: KnownRunner,
  name: string,
  lease: string,
  epoch: number,
  failure: z.infer<typeof Failure>,
): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(context.db, known.workspace, async (tx) => {
      const row = await lockLease(tx, known, lease, epoch)
      if ('refusal' in row) return row
      if (!isLive(row)) return refuse('stale_epoch', { current: row.epoch + 1, epoch })
      await tx.query(
        `update vp.leases set state = 'refused', ended_at = vp.now_ms() where workspace = $1 and lease = $2`,
        [tx.workspace, lease],
      )
      tx.nudge('work', known.runner) // it has a slot free again, and may wait for work already
      await placeFreed(tx, lease)
      const { run, step, attempt } = row
      const why = 'The runner refused work that it had begun.'
      await actIn(tx, [
        {
          run,
          command: { do: 'refuseWork', by: { kind: 'runner', id: known.runner, name }, step, attempt, epoch, failure },
        },
        { run, command: { do: 'lose', step, attempt, epoch, runner: known.runner, why } },
      ])
      return null
    }),
  )

type Beat = { epoch: number; usage: z.infer<typeof Usage> | null; now: string | null; logBytes: number }

/** `POST /wire/leases/:lease/beat`: the lease lives on from now; the answer carries cancel and drain. */
export const beat = async (
  context: WireContext,
  known: KnownRunner,
  lease: string,
  said: Beat,
): Promise<{ ttlSeconds: number; cancel: string | null; drain: boolean } | Refusal> =>
  inWorkspace(context.db, known.workspace, async (tx) => {
    const { rows } = await tx.query<{ cancel: string | null; drain: boolean; run: string; moved: boolean }>(
      {
        name: 'lease beat',
        text: `with old as (select now from vp.leases where workspace = $1 and lease = $2),
          b as (update vp.leases set beat_at = vp.now_ms(), expires_at = vp.now_ms() + $5, now = $6, usage = $7, log_bytes = greatest(log_bytes, $8) where workspace = $1 and lease = $2 and runner = $3 and epoch = $4 and state in ('offered', 'held') returning cancel, run),
          s as (update vp.runners r set seen_at = vp.now_ms(), online = true where r.workspace = $1 and r.runner = $3 and exists (select from b) returning r.state)
        select b.cancel, b.run, (select state from s) = 'draining' as drain, (select now from old) is distinct from $6 as moved from b`,
      },
      [
        tx.workspace,
        lease,
        known.runner,
        said.epoch,
        context.leaseSeconds * 1_000,
        said.now,
        said.usage ? JSON.stringify(said.usage) : null,
        said.logBytes,
      ],
    )
    const row = rows[0]
    if (!row) {
      const found = await lockLease(tx, known, lease, said.epoch)
      return 'refusal' in found ? found : refuse('stale_epoch', { current: found.epoch + 1, epoch: said.epoch })
    }
    if (row.moved) tx.nudge('run', row.run)
    return { ttlSeconds: context.leaseSeconds, cancel: row.cancel, drain: row.drain }
  })
