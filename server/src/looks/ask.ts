/**
 * How is a runner asked to look at a repository?
 * By an order that is signed for this runner, this address and a few minutes. A runner looks for a workspace at one repository at a time: a new
 * question takes the place of the one before.
 */
import type { z } from 'zod'
import type { LookView } from '@viewportai/core/api/looks'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { lookGrantType, type LookClaims } from '@viewportai/core/wire/look'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { record } from '../ledger/pending.ts'
import { repositoryAddress } from '../repositories/address.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { wireKeys } from '../wire/keys.ts'
import { giveOrder } from '../wire/orders.ts'
import { readLook } from './read.ts'

/** For so long a look is kept, in milliseconds: what it says of a machine and a repository grows old. */
export const keptMillis = 3_600_000
/** Within so many seconds it must begin: a runner that comes back tomorrow does not look for somebody who left. */
const beginSeconds = 300

type Asked = { readonly runner: string; readonly url: string; readonly branch: string | null }

/** Asks. Gives the look as it stands now. */
export const askLook = async (
  { db, signing }: Pick<Context, 'db' | 'signing'>,
  asker: Asker,
  { runner, url: text, branch }: Asked,
): Promise<z.infer<typeof LookView> | Refusal> => {
  const url = repositoryAddress(text)
  if (isRefusal(url)) return url
  const look = freshId('look')
  const exp = Math.floor(Date.now() / 1_000) + beginSeconds
  const grant = await wireKeys(signing).sign({ look, runner, url, branch, exp } satisfies LookClaims, lookGrantType)
  return inWorkspace(db, asker.workspace, async (tx) => {
    const { rowCount } = await tx.query(
      `select from vp.runners where workspace = $1 and runner = $2 and state <> 'removed' for update`,
      [tx.workspace, runner],
    )
    if (rowCount === 0) return refuse('not_found', { what: 'runner', id: runner })
    await leaveOpen(tx, runner)
    const order = await giveOrder(tx, runner, { order: 'look', look, url, branch, grant }, beginSeconds * 1_000)
    await tx.query(
      'insert into vp.looks (workspace, look, runner, asked_by, "order", url, branch, expires_at) values ($1, $2, $3, $4, $5, $6, $7, vp.now_ms() + $8)',
      [tx.workspace, look, runner, asker.person, order, url, branch, keptMillis],
    )
    record(tx, { type: 'runner.looked', by: asPerson(asker), data: { runner, look, url, branch } })
    tx.nudge('look', look)
    return (await readLook(tx, look))!
  })
}

/** A look that has not ended is forgotten with its order: the runner learns it when it says the next word about it. */
const leaveOpen = async (tx: Tx, runner: string): Promise<void> => {
  const { rows } = await tx.query<{ look: string; order: string }>(
    `delete from vp.looks where workspace = $1 and runner = $2 and state in ('asked', 'looking') returning look, "order"`,
    [tx.workspace, runner],
  )
  await tx.query(
    'update vp.orders set done_at = vp.now_ms() where workspace = $1 and "order" = any($2) and done_at is null',
    [tx.workspace, rows.map((row) => row.order)],
  )
  for (const { look } of rows) tx.nudge('look', look)
}
