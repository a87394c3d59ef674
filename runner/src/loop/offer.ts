/** Does this machine take the work it was offered? The runner has the last word, before anything is begun. */
import type { z } from 'zod'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Failure } from '@viewportai/core/run/facts'
import type { Lease } from '@viewportai/core/wire/messages'
import { mayLeave, narrowed } from '../egress/keep-texts.ts'
import { refusalFor } from '../policy/decide.ts'
import { workflowRefusal } from '../policy/workflow.ts'
import { Ended } from '../wire/exchange.ts'
import { readGrant } from '../wire/grant.ts'
import type { WorkerGround } from './worker-ground.ts'

type Document = z.infer<typeof Failure>
type Ground = Pick<
  WorkerGround,
  'folder' | 'wire' | 'policy' | 'pairing' | 'redactor' | 'ledger' | 'grants' | 'learnKeys'
>

/** Why the work is not taken, or null. After null its grant is used up: whatever happens then, it begins no work again. */
export const whyNotTaken = async (ground: Ground, lease: Lease): Promise<Refusal | null> => {
  // These name files here: nothing else may come in.
  if (![lease.lease, lease.run, lease.step].every(isSafeName))
    return refuse('invalid', { where: 'lease', why: 'an id holds other characters than letters, digits, _ and -' })
  const claims = await believed(ground, (keys, now) => readGrant(lease, keys, now))
  if (isRefusal(claims)) return claims
  const refusal =
    refusalFor({ policy: ground.policy, server: ground.pairing.server }, lease) ?? workflowRefusal(ground.policy, lease)
  if (refusal) return refusal
  return (await ground.grants.use(lease.grant, claims.exp)) ? null : refuse('grant_used')
}

/** What a grant says, once it is signed by a key that is believed. A key nobody knows may be the successor of one that was pinned. */
export const believed = async <T>(
  { pairing, wire, learnKeys }: Pick<Ground, 'pairing' | 'wire' | 'learnKeys'>,
  read: (keys: Ground['pairing']['serverKeys'], now: number) => Promise<T | Refusal | null>,
): Promise<T | Refusal> => {
  const now = () => read(pairing.serverKeys, wire.clock.seconds())
  return (await now()) ?? ((await learnKeys()) ? await now() : null) ?? unknownKey()
}

const unknownKey = (): Refusal =>
  refuse('grant_invalid', {
    why: 'it is signed neither by a key that was pinned when this runner was paired nor by one that such a key vouches for',
  })

/** Tells the control plane that the work is not taken, and why. `signal`: how long to try. */
export const sayNo = async (ground: Ground, lease: Named, raw: Document, signal?: AbortSignal): Promise<void> => {
  const run = lease.run !== undefined && isSafeName(lease.run) ? lease.run : null
  const message = await narrowed(
    mayLeave(ground.policy, lease.leaves),
    { epoch: lease.epoch, failure: ground.redactor.json(raw) },
    'refuse',
    { folder: ground.folder, run, step: null, what: 'refuse' },
  )
  await ground.ledger.note({ run, what: 'refuse', message: { of: 'refuse', value: message } })
  await ground.wire.refuse(lease.lease, message, { signal })
}
type Named = { lease: string; epoch: number; run?: string; leaves?: Lease['leaves'] }

/** The document of a refusal made here. */
export const refusedDocument = ({ refusal, words, next }: Refusal): Document => ({
  code: refusal,
  class: 'policy',
  summary: words,
  check: next,
  retrySafe: false,
  started: false,
})

/** Acknowledges the work; the refusal when it went to another, or when nobody answered while the lease lasted. */
export const acknowledge = async (ground: Ground, { lease, epoch, ttlSeconds }: Lease): Promise<Refusal | null> => {
  const limits = { signal: AbortSignal.timeout(ttlSeconds * 1_000), maxPauseMs: ttlSeconds * 125 }
  try {
    return await ground.wire.ack(lease, { epoch }, limits)
  } catch (error) {
    if (error instanceof Ended) return refuse('lease_gone')
    throw error
  }
}

/** An id that names files here and nothing outside. */
export const isSafeName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(name)
