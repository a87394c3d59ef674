/**
 * What does a runner learn when it comes online?
 * Which of its leases it still holds; the others are lost at once instead of after their time. It never hands out work.
 */
import type { Refusal } from '@viewportai/core/refusal'
import type { HelloAnswer, HelloRequest } from '@viewportai/core/wire/messages'
import type { z } from 'zod'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import { tellAccounts } from '../tools/held-by.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { refuseDoubled } from './doubled.ts'
import { endLease } from './lost.ts'

/** `POST /wire/hello`. Another start of the program takes over from the one before; one that was overtaken does not come back. */
export const hello = async (
  context: WireContext,
  known: KnownRunner,
  said: z.infer<typeof HelloRequest>,
  address: string,
): Promise<z.infer<typeof HelloAnswer> | Refusal> => {
  const answer = await repeatedly(() =>
    inWorkspace(context.db, known.workspace, async (tx) => {
      const { rows } = await tx.query<{ name: string; pool: string; state: string }>(
        `update vp.runners set capabilities = $3, online = true, seen_at = vp.now_ms(), instance = $4, transport = $5,
            former = case when instance in ('', $4) then former else (array[instance] || former)[1:8] end
          where workspace = $1 and runner = $2 and not (former @> array[$4]) returning name, pool, state`,
        [tx.workspace, known.runner, JSON.stringify(said.capabilities), known.instance, known.transport],
      )
      const me = rows[0]
      if (!me) return null
      if (said.capabilities.holds) await tellAccounts(tx, { kind: 'runner', id: known.runner, name: me.name })
      if (said.capabilities.isolation.level !== 'none') await forgetNoWall(tx, known.runner, me.name)
      const { rows: live } = await tx.query<{ lease: string; epoch: number }>(
        `select lease, epoch from vp.leases where workspace = $1 and runner = $2 and state in ('offered', 'held') for update`,
        [tx.workspace, known.runner],
      )
      const keep = live
        .filter((row) => said.holding.some((one) => one.lease === row.lease && one.epoch === row.epoch))
        .map((row) => row.lease)
      for (const row of live)
        if (!keep.includes(row.lease))
          await endLease(tx, row.lease, 'The runner started again and does not hold this work any more.')
      tx.nudge('runner', known.runner)
      tx.nudge('work', known.runner) // it may do what it could not do before
      return {
        runner: known.runner,
        name: me.name,
        pool: me.pool,
        keep,
        leaseSeconds: context.leaseSeconds,
        beatSeconds: context.beatSeconds,
        drain: me.state === 'draining',
      }
    }),
  )
  return answer ?? refuseDoubled(context.db, known, address)
}

/** The word that a runner may work without a wall is not kept for the day it loses the one it has now. */
const forgetNoWall = async (tx: Tx, runner: string, name: string): Promise<void> => {
  const { rowCount } = await tx.query(
    'update vp.runners set no_wall = null where workspace = $1 and runner = $2 and no_wall is not null',
    [tx.workspace, runner],
  )
  if (rowCount === 1)
    record(tx, {
      type: 'runner.wall_waived',
      by: { kind: 'runner', id: runner, name },
      data: { runner, waived: false },
    })
}
