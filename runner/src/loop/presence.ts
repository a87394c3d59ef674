/** Does the control plane know what this machine can do now? */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Capabilities, HelloAnswer } from '@viewportai/core/wire/messages'
import type { z } from 'zod'
import { keysChangedAt } from '../credentials/model-keys.ts'
import { mayLeave, narrowed } from '../egress/keep-texts.ts'
import { introducedAs } from '../wire/refused.ts'
import { pause } from '../wire/retry.ts'
import { whyNoRoom } from './housekeeping.ts'
import type { WorkerGround } from './worker-ground.ts'

type Held = { lease: string; epoch: number }
const lookAgainMs = 5 * 60_000
/** Room is looked at more often: it costs nothing, and people wait for a runner that takes no work. */
const lookAtRoomMs = 10_000

/** What this machine can do, with why it takes no work now. */
export const withRoom = async (ground: WorkerGround, can: Capabilities): Promise<Capabilities> => {
  const why = await whyNoRoom(ground)
  return why === null ? can : { ...can, takesNoWork: why }
}

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
  const answer = await ground.wire.hello(hello, { signal })
  return isRefusal(answer) ? introducedAs(answer, capabilities.vpd, ground.pairing.server) : answer
}

/** Looks every few minutes whether an agent or a tool came or went, and sooner whether there is room for work and whether a key was kept or forgotten, and says so. Ends with a refusal, or throws Ended when the signal fires. */
export const keepCurrent = async (
  ground: WorkerGround,
  first: Capabilities,
  look: () => Promise<Capabilities>,
  held: () => Held[],
  signal: AbortSignal,
): Promise<Refusal> => {
  const { provider } = ground.setup
  const kept = async (): Promise<number | null> => (provider ? keysChangedAt(provider.home) : null)
  for (let last = first, keysAt = await kept(); ;) {
    for (let waited = 0; waited < lookAgainMs; waited += lookAtRoomMs) {
      await pause(lookAtRoomMs, signal)
      const isRoom = (await whyNoRoom(ground)) === null
      if (isRoom !== (last.takesNoWork === undefined) || (await kept()) !== keysAt) break
    }
    keysAt = await kept()
    const now = await withRoom(ground, await look())
    if (JSON.stringify(now) === JSON.stringify(last)) continue
    const answer = await sayHello(ground, now, held(), signal)
    if (isRefusal(answer)) return answer
    last = now
  }
}
