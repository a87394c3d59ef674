/**
 * How does a runner go on an errand to a tool whose credential it holds?
 * Beside all work, a few at a time. It needs a grant, obeys the local policy, has a bounded time, and always ends with an answer. One that
 * was cut off by the end of the program is answered by nobody: it is given anew.
 */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { actionOfErrand, errandSeconds, type ErrandReport } from '@viewportai/core/wire/errand'
import type { Order } from '@viewportai/core/wire/messages'
import { mayLeave, narrowed } from '../egress/keep-texts.ts'
import { doErrand } from '../outside/do-errand.ts'
import { errandRefusal } from '../policy/decide.ts'
import { Ended } from '../wire/exchange.ts'
import { readErrandGrant } from '../wire/grant.ts'
import { failed, failureOf, WorkFailed } from '../work/failure.ts'
import { believed, isSafeName } from './offer.ts'
import type { WorkerGround } from './worker-ground.ts'

type ErrandOrder = Extract<Order, { order: 'errand' }>

/** More are not begun at once: they wait for the tool, and the tool's limit is for all of them. */
const atOnce = 4
/** So long (ms) an answer is tried to be said: then nobody waits for it. */
const sayMillis = 20_000

/** Takes errands until the signal fires. */
export const errandOrders = (ground: WorkerGround, over: AbortSignal): { take(order: ErrandOrder): void } => {
  let going = 0
  const waiting: ErrandOrder[] = []
  const next = (): void => {
    const order = going < atOnce ? waiting.shift() : undefined
    if (!order) return
    going++
    void go(ground, order, over)
      .catch((error: unknown) => {
        if (!(error instanceof Ended)) ground.say(`an errand to ${order.asks.tool} broke off: ${String(error)}`)
      })
      .finally(() => {
        going--
        next()
      })
    next()
  }
  return {
    take(order) {
      if (![order.errand, order.asks.run].every(isSafeName))
        return ground.say('ignored an errand: an id in it is not one')
      waiting.push(order)
      next()
    },
  }
}

const go = async (ground: WorkerGround, order: ErrandOrder, over: AbortSignal): Promise<void> => {
  const signal = AbortSignal.any([over, AbortSignal.timeout((errandSeconds + 5) * 1_000)])
  let report: ErrandReport
  try {
    const refusal = await whyNot(ground, order)
    const left = (what: string, to: string, bytes: number): Promise<void> =>
      ground.ledger.note({ run: order.asks.run, what, elsewhere: { to, bytes } })
    report = refusal
      ? broughtNothing(ground, order, refusal)
      : await doErrand({ signal, left }, ground.setup, order.asks)
  } catch (error) {
    if (over.aborted) return
    report = broughtNothing(ground, order, error)
  }
  const redacted = ground.redactor.json(report)
  const about = { folder: ground.folder, run: order.asks.run, step: null, what: `errand ${order.asks.what}` }
  const message = await narrowed(mayLeave(ground.policy, undefined), redacted, 'errand', about)
  await ground.ledger.note({ run: about.run, what: about.what, message: { of: 'errand', value: message } })
  const no = await ground.wire.errand(order.errand, message, {
    signal: AbortSignal.any([over, AbortSignal.timeout(sayMillis)]),
  })
  if (no && no.refusal !== 'not_found')
    ground.say(`what an errand to ${order.asks.tool} brought was not taken: ${no.words}`)
}

/** Why it is not begun, or null. After null the grant is used up. */
const whyNot = async (ground: WorkerGround, order: ErrandOrder): Promise<Refusal | Error | null> => {
  const { pairing, policy } = ground
  const claims = await believed(ground, (keys, now) => readErrandGrant(order, pairing.runner, keys, now))
  if (isRefusal(claims)) return claims
  const refusal = errandRefusal({ policy, server: pairing.server }, actionOfErrand(order.asks), order.asks.repos)
  if (refusal) return refusal
  if (order.asks.what === 'sight' && mayLeave(policy, undefined) !== 'excerpt')
    return failed(
      'policy',
      'texts_stay',
      'Short texts stay on this runner, and what people said of a pull request are such.',
      'Set `leaves: { excerpts: true }` in its policy when reviews and checks shall come back into runs.',
    )
  return (await ground.grants.use(order.grant, claims.exp)) ? null : refuse('grant_used')
}

const broughtNothing = (ground: WorkerGround, { asks }: ErrandOrder, thrown: unknown): ErrandReport => {
  if (thrown instanceof WorkFailed || isRefusal(thrown)) {
    const { code, summary, check } = failureOf(thrown, false)
    return { is: 'failed', code, summary, check }
  }
  // What the tool said, in the words of our own code, or a fault of it.
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  ground.say(`${actionOfErrand(asks)} brought nothing: ${words}`)
  return { is: 'failed', code: 'not_read', summary: words.slice(0, 1_500), check: 'It is tried again.' }
}
