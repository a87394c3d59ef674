/**
 * What must a runner do beside its leases?
 * Orders are rows until the runner says they are done: serving bytes to a reviewer, cancel, drain. Independent of slots.
 */
import { Order, type OrdersRequest } from '@viewportai/core/wire/messages'
import type { z } from 'zod'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { FastifyReply } from 'fastify'
import type { KnownRunner, WireContext } from './context.ts'
import type { OrderLine } from './order-line.ts'
import { longPoll } from './waiting.ts'

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** Writes an order for a runner and nudges it. `ttlMillis`: forgotten after this time. */
export const giveOrder = async (
  tx: Tx,
  runner: string,
  order: Without<Order, 'id'>,
  ttlMillis: number | null = null,
): Promise<string> => {
  const id = freshId('ord')
  await tx.query(
    'insert into vp.orders (workspace, "order", runner, body, expires_at) values ($1, $2, $3, $4, vp.now_ms() + $5)',
    [tx.workspace, id, runner, JSON.stringify({ id, ...order }), ttlMillis],
  )
  tx.nudge('order', runner)
  return id
}

/** `POST /wire/orders`: long poll. Orders come again until they are named in `done`. */
export const takeOrders = async (
  context: WireContext,
  line: OrderLine,
  known: KnownRunner,
  asked: z.infer<typeof OrdersRequest>,
  reply: FastifyReply,
): Promise<Order[]> => {
  if (asked.done.length > 0)
    await inWorkspace(context.db, known.workspace, (tx) =>
      tx.query(
        'update vp.orders set done_at = vp.now_ms() where workspace = $1 and runner = $2 and "order" = any($3) and done_at is null',
        [tx.workspace, known.runner, asked.done],
      ),
    )
  const open = (): Promise<Order[] | null> =>
    inWorkspace(context.db, known.workspace, async (tx) => {
      const { rows } = await tx.query<{ order: string; body: unknown }>(
        {
          name: 'orders open',
          text: 'select "order", body from vp.orders where workspace = $1 and runner = $2 and done_at is null and (expires_at is null or expires_at > vp.now_ms()) order by position limit 100',
        },
        [tx.workspace, known.runner],
      )
      await tx.query(
        {
          name: 'runner seen',
          text: 'update vp.runners set seen_at = vp.now_ms(), online = true, transport = $3 where workspace = $1 and runner = $2 and (not online or seen_at < vp.now_ms() - 5000 or transport <> $3)',
        },
        [tx.workspace, known.runner, known.transport],
      )
      const orders = rows.flatMap((row) => readable(context, known, row))
      return orders.length > 0 ? orders : null
    })
  return (await longPoll(reply, asked.waitSeconds * 1_000, (wake) => line.join(known, wake), open)) ?? []
}

/** An order that cannot be read is left out: the others must reach their runner. It ends with its time. */
const readable = ({ stuck }: WireContext, known: KnownRunner, row: { order: string; body: unknown }): Order[] => {
  const { data, error } = Order.safeParse(row.body)
  if (error) stuck.failed('order', `${known.workspace} ${row.order}`, error)
  return data ? [data] : []
}
