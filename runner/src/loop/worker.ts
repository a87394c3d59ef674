/**
 * How does a runner live, from its first hello to its last report?
 * It ends drained (nothing runs, everything was accepted), stopped (work was ended), or refused (the control plane does not want it).
 */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Capabilities, Lease, Order } from '@viewportai/core/wire/messages'
import { forgetRun } from '../evidence/forget.ts'
import type { LinkState } from '../relay/link.ts'
import { Ended } from '../wire/exchange.ts'
import type { Outcome } from './assignment.ts'
import { keepHouse, whyNoRoom } from './housekeeping.ts'
import { oneRun, type RunEnd } from './one-run.ts'
import { nothingInHand, type WorkStatus } from './in-hand.ts'
import { askForWork } from './lease-loop.ts'
import { takeOrders } from './orders-loop.ts'
import { sayNo } from './offer.ts'
import { errandOrders } from './errand-order.ts'
import { lookOrders } from './look-order.ts'
import { keepCurrent, sayHello, withRoom } from './presence.ts'
import { finishLeft, lookBehind } from './recover.ts'
import { serve } from './serve.ts'
import { slotsOf } from './slots.ts'
import type { WorkerGround } from './worker-ground.ts'

/** How a worker ended. `outcome`: of the last piece of work, or null when there was none. */
export type WorkerEnd =
  | { how: 'drained' | 'stopped'; outcome: Outcome | null; run?: RunEnd }
  | { how: 'refused'; refusal: Refusal }
export type WorkerStatus = {
  name: string
  pool: string
  server: string
  online: boolean
  draining: boolean
  slots: number
  trouble: { why: string; since: number } | null
  /** What was asked for, and by what requests go now. */
  transport: { wanted: 'polling' | 'relay'; now: 'polling' | 'relay'; why: string | null }
  work: WorkStatus[]
}
export type Worker = {
  readonly ended: Promise<WorkerEnd>
  status(): WorkerStatus
  /** No new work; ends when all that runs was reported. */
  drain(why: string): void
  /** Ends the work now and sends what can be sent in a bounded time. `quick`: without waiting. */
  stop(quick?: boolean): void
}
export type WorkerOptions = {
  /** ephemeral: keeps to the run of the first work it takes, and ends with it. */
  mode: 'persistent' | 'ephemeral'
  /** How long an ephemeral worker waits for the next work of its run, in milliseconds. */
  lingerMs?: number
  slots: number
  capabilities(): Promise<Capabilities>
  /** The control plane said how often to beat. */
  setBeat(ms: number): void
  onOnline(name: string): void
  /** Ends everything that still sends (fires the ground's closing signal). */
  close(): void
}

// After a stop the last reports have so long to be accepted; what is left is sent at the next start.
const farewellMs = 15_000

/** Starts a worker on its ground. */
export const startWorker = (ground: WorkerGround, options: WorkerOptions): Worker => {
  const noMore = new AbortController() // no new work is taken
  const over = new AbortController() // every loop ends
  const one = options.mode === 'ephemeral' ? oneRun(ground, options.lingerMs ?? 0) : null
  const slots = slotsOf(one ? 1 : options.slots)
  const inHand = nothingInHand(ground, slots, () => drain('the control plane asked for it'))
  const looks = lookOrders(ground, over.signal)
  const errands = errandOrders(ground, over.signal)
  const identity = { name: ground.pairing.name, pool: ground.pairing.pool, server: ground.pairing.server }
  let online = false
  let draining = false
  let stopping = false

  const drain = (why: string): void => {
    if (draining) return
    draining = true
    const left = inHand.status().length
    ground.say(`draining: ${why}; ${left ? `${left} still to finish` : 'nothing runs'}`)
    noMore.abort()
  }
  const stop = (quick = false): void => {
    noMore.abort()
    inHand.stop('shutdown')
    if (quick) options.close()
    else if (!stopping) setTimeout(options.close, farewellMs).unref()
    stopping = true
  }

  const take = (lease: Lease): void => {
    one?.took(lease)
    inHand.take(lease, one?.whyNot(lease) ?? null)
  }
  /** A slot; where it is the only run's, not before everything was reported, and not after work that did not end well. */
  const freeSlots = async (signal: AbortSignal): Promise<number> => {
    const free = await slots.free(signal)
    if (one === null) return free
    await inHand.empty()
    if (one.ended(inHand.lastOutcome())) throw new Ended('the one run is over for this worker')
    return free
  }
  const askForAll = async (): Promise<Refusal | null> => {
    const refusal = await askForWork({
      wire: ground.wire,
      freeSlots,
      whyNotNow: async () => {
        const why = await whyNoRoom(ground)
        return why === null ? null : `no work is taken: ${why}`
      },
      take,
      refuse: (named, failure) => sayNo(ground, named, failure, noMore.signal),
      say: ground.say,
      ...(one && { only: one.only }),
      signal: noMore.signal,
    })
    if (one === null || (refusal !== null && !one.over(refusal))) return refusal
    noMore.abort()
    return null
  }
  const endAs = (): WorkerEnd => {
    const run = one?.end()
    return { how: stopping ? 'stopped' : 'drained', outcome: inHand.lastOutcome(), ...(run && { run }) }
  }

  const obey = async (order: Order): Promise<void> => {
    switch (order.order) {
      case 'cancel':
        return inHand.stop('cancelled', order)
      case 'drain':
        return drain('the control plane asked for it')
      case 'forget':
        await forgetRun(ground.folder, ground.evidence, order.run)
        return ground.say(`forgot the evidence of ${order.run}`)
      case 'serve':
        return void serve(ground, order, inHand.liveLog)
      case 'look':
        return looks.take(order)
      case 'errand':
        return errands.take(order)
    }
  }

  const live = async (): Promise<WorkerEnd> => {
    const behind = await lookBehind(ground)
    const capabilities = await withRoom(ground, await options.capabilities())
    await ground.wire.ready()
    const hello = await sayHello(
      ground,
      capabilities,
      behind.held.map(({ head }) => ({ lease: head.lease, epoch: head.epoch })),
      noMore.signal,
    )
    if (isRefusal(hello)) return { how: 'refused', refusal: hello }
    options.setBeat(hello.beatSeconds * 1_000)
    Object.assign(identity, { name: hello.name, pool: hello.pool })
    if (hello.drain) drain('the control plane asked for it')
    const leftovers = Promise.all(
      behind.held.map((journal) => finishLeft(ground, journal, hello.keep.includes(journal.head.lease))),
    )
    online = true
    options.onOnline(hello.name)

    const refused = firstRefusal([
      takeOrders({ wire: ground.wire, obey, say: ground.say, signal: over.signal }),
      keepCurrent(ground, capabilities, options.capabilities, inHand.held, over.signal),
      keepHouse(ground, over.signal),
      // Orders go on while the last work ends: it may be cancelled, and its log be read.
      askForAll(),
    ])
    const allDone = whenAborted(noMore.signal).then(async () => {
      await inHand.empty()
      await leftovers
      await one?.leave()
      return null
    })
    const refusal = await Promise.race([refused, allDone])
    if (refusal === null) return endAs()
    stop()
    await allDone
    return { how: 'refused', refusal }
  }

  const ended = live()
    .catch((error: unknown): WorkerEnd => {
      if (error instanceof Ended) return endAs()
      stop(true) // no work without its loops
      throw error
    })
    .finally(() => {
      online = false
      over.abort()
      options.close()
    })
  return {
    ended,
    status: () => ({
      ...identity,
      online: online && ground.wire.trouble() === null,
      draining,
      slots: slots.count,
      trouble: ground.wire.trouble(),
      transport: transportOf(ground.wire.relay()),
      work: inHand.status(),
    }),
    drain,
    stop,
  }
}

const transportOf = (relay: LinkState | null): WorkerStatus['transport'] => ({
  wanted: relay ? 'relay' : 'polling',
  now: relay?.open ? 'relay' : 'polling',
  why: relay?.why ?? null,
})

/** The first refusal among loops that end with one, or null when all of them ended otherwise. A fault of one is a fault of all. */
const firstRefusal = (loops: Promise<Refusal | null>[]): Promise<Refusal | null> =>
  new Promise((resolve, reject) => {
    const each = loops.map((loop) =>
      loop.then(
        (refusal) => refusal && resolve(refusal),
        (error: unknown) => (error instanceof Ended ? undefined : reject(error as Error)),
      ),
    )
    void Promise.all(each).then(() => resolve(null))
  })

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
