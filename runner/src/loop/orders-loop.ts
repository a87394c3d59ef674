/** What does the control plane want of this runner, beside work? One poll per runner, independent of leases and slots. */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Order } from '@viewportai/core/wire/messages'
import { Ended } from '../wire/exchange.ts'
import type { Wire } from '../wire/wire.ts'

export type OrdersLoopOptions = {
  wire: Wire
  /** Does an order, or begins it when it takes long. */
  obey(order: Order): void | Promise<void>
  say(line: string): void
  signal: AbortSignal
}

const waitSeconds = 25
const remembered = 1_000

/** Asks for orders until the signal fires (null) or the control plane refuses (the refusal). An order is obeyed once and acknowledged by the next call. */
export const takeOrders = async ({ wire, obey, say, signal }: OrdersLoopOptions): Promise<Refusal | null> => {
  const seen = new Set<string>()
  let done: string[] = []
  try {
    for (;;) {
      const answer = await wire.orders({ done: done.slice(0, 500), waitSeconds }, { signal })
      if (isRefusal(answer)) return answer
      done = done.slice(500)
      for (const order of answer.orders) {
        done.push(order.id)
        if (seen.has(order.id)) continue
        seen.add(order.id)
        await obey(order)
      }
      if (answer.unknown.length) say(`ignored ${answer.unknown.length} orders that this version of vpd does not know`)
      done.push(...answer.unknown)
      for (const id of [...seen].slice(0, Math.max(0, seen.size - remembered))) seen.delete(id)
    }
  } catch (error) {
    if (error instanceof Ended) return null
    throw error
  }
}
