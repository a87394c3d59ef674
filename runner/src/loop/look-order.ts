/**
 * How does a runner look at a repository when the control plane asks?
 * One look after another, beside all work. It needs a grant, obeys the local policy, takes ten minutes at most, and always ends with an answer.
 */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { lookSeconds, type LookOrder, type LookReport } from '@viewportai/core/wire/look'
import { mayLeave, narrowed } from '../egress/keep-texts.ts'
import { lookRefusal } from '../policy/decide.ts'
import { Ended } from '../wire/exchange.ts'
import { readLookGrant } from '../wire/grant.ts'
import { failed, failureOf } from '../work/failure.ts'
import { whyNoRoom } from './housekeeping.ts'
import { believed, isSafeName } from './offer.ts'
import type { WorkerGround } from './worker-ground.ts'

/** More wait for nobody: who asked would have gone. */
const waitingAtMost = 5
/** How often people are told that it is still going on, in milliseconds. */
const tellEveryMs = 5_000

/** Takes orders to look until the signal fires. */
export const lookOrders = (ground: WorkerGround, over: AbortSignal): { take(order: LookOrder): Promise<void> } => {
  let waiting = 0
  let turn: Promise<void> = Promise.resolve()
  return {
    /** Resolves when the order was heard: the control plane knows then that this version of vpd can look. Never throws. */
    async take(order) {
      if (!isSafeName(order.look)) return ground.say('ignored an order to look: its id is not one')
      try {
        const refusal = await say(
          ground,
          order,
          { state: 'looking', now: waiting > 0 ? 'waiting for another look' : 'begun' },
          over,
        )
        if (refusal) return // asked again, or too late
      } catch (error) {
        if (error instanceof Ended) return
        throw error
      }
      if (waiting >= waitingAtMost)
        return void end(
          ground,
          order,
          failed('runner', 'busy', 'Other looks wait on this runner.', 'Ask again in a while.'),
          over,
        )
      waiting++
      turn = turn.then(() => look(ground, order, over)).finally(() => void waiting--)
    },
  }
}

const look = async (ground: WorkerGround, order: LookOrder, over: AbortSignal): Promise<void> => {
  const gone = new AbortController() // nobody waits for it any more
  const late = AbortSignal.timeout(lookSeconds * 1_000)
  const signal = AbortSignal.any([gone.signal, late, over])
  let doing = 'begun'
  const tell = (now: string): void => {
    doing = now
    say(ground, order, { state: 'looking', now: doing.slice(0, 200) }, signal).then(
      (refusal) => refusal && gone.abort(),
      () => {}, // the next one, or the answer, is what counts
    )
  }
  const again = setInterval(() => tell(doing), tellEveryMs)
  try {
    const refusal = await whyNotLooked(ground, order)
    if (refusal) return await end(ground, order, refusal, over)
    ground.say(`looks at ${order.url}, as the control plane asked`)
    const found = await ground.lookAt(ground.setup, { url: order.url, branch: order.branch, tell, signal })
    clearInterval(again)
    const untold = await say(ground, order, { state: 'looked', found }, over)
    if (untold && untold.refusal !== 'not_found') await end(ground, order, untold, over)
  } catch (error) {
    clearInterval(again)
    if (over.aborted || gone.signal.aborted) return
    await end(ground, order, late.aborted ? tookTooLong(order, doing) : error, over)
  } finally {
    clearInterval(again)
  }
}

/** Why it is not looked, or null. After null the grant is used up. */
const whyNotLooked = async (ground: WorkerGround, order: LookOrder): Promise<Refusal | Error | null> => {
  const claims = await believed(ground, (keys, now) => readLookGrant(order, ground.pairing.runner, keys, now))
  if (isRefusal(claims)) return claims
  const refusal = lookRefusal({ policy: ground.policy, server: ground.pairing.server }, order.url)
  if (refusal) return refusal
  if (!(await ground.grants.use(order.grant, claims.exp))) return refuse('grant_used')
  const noRoom = await whyNoRoom(ground)
  return noRoom === null ? null : failed('runner', 'disk_full', noRoom, 'Free space on the runner, then look again.')
}

const tookTooLong = ({ url }: LookOrder, doing: string) =>
  failed(
    'runner',
    'look_over',
    `${url} was not read within ${lookSeconds / 60} minutes (${doing}).`,
    'It may be large, or its server slow. Fetch it once on the runner by other work, or name a smaller one.',
  )

const end = async (ground: WorkerGround, order: LookOrder, thrown: unknown, over: AbortSignal): Promise<void> => {
  const { code, summary, check } = failureOf(thrown, false)
  await say(ground, order, { state: 'failed', failure: { code, summary, check } }, over).catch((error: unknown) => {
    if (!(error instanceof Ended)) ground.say(`could not say how looking at ${order.url} ended: ${String(error)}`)
  })
}

/** Sends it; the refusal when the control plane does not take it. Throws Ended when there is nobody to say it to. */
const say = async (
  ground: WorkerGround,
  { look: id }: LookOrder,
  raw: LookReport,
  signal: AbortSignal,
): Promise<Refusal | null> => {
  const redacted = ground.redactor.json(raw)
  const about = { folder: ground.folder, run: null, step: null, what: `look ${raw.state}` }
  const report = await narrowed(mayLeave(ground.policy, undefined), redacted, 'look', about)
  await ground.ledger.note({ run: null, what: about.what, message: { of: 'look', value: report } })
  return ground.wire.look(id, report, { signal })
}
