/** Does the control plane know what this machine can do now? */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Capabilities, HelloAnswer } from '@viewportai/core/wire/messages'
import type { z } from 'zod'
import { mayLeave, narrowed } from '../egress/keep-texts.ts'
import { pause } from '../wire/retry.ts'
import type { WorkerGround } from './worker-ground.ts'

type Held = { lease: string; epoch: number }
const lookAgainMs = 5 * 60_000

/** Says what we can do and what we hold. */
export const sayHello = async (
  ground: WorkerGround,
  capabilities: Capabilities,
  holding: Held[],
  signal: AbortSignal,
): Promise<z.infer<typeof HelloAnswer> | Refusal> => {
  const about = { folder: ground.folder, run: null, step: null, what: 'hello' }
  const hello = await narrowed(mayLeave(ground.policy, undefined), { capabilities, holding }, 'hello', about)
  await ground.ledger.note({ run: null, what: 'hello', message: { of: 'hello', value: hello } })
  return ground.wire.hello(hello, { signal })
}

/** Looks every few minutes whether an agent or a tool came or went, and says so. Ends with a refusal, or throws Ended when the signal fires. */
export const keepCurrent = async (
  ground: WorkerGround,
  first: Capabilities,
  look: () => Promise<Capabilities>,
  held: () => Held[],
  signal: AbortSignal,
): Promise<Refusal> => {
  for (let known = JSON.stringify(first); ;) {
    await pause(lookAgainMs, signal)
    const now = await look()
    if (JSON.stringify(now) === known) continue
    const answer = await sayHello(ground, now, held(), signal)
    if (isRefusal(answer)) return answer
    known = JSON.stringify(now)
  }
}
