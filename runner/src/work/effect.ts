/** What does an effect need, and what can come of it? */
import type { Change } from '@viewportai/core/gate/subject'
import type { Receipt } from '@viewportai/core/run/facts'
import type { Cache } from '../git/cache.ts'
import { failed } from './failure.ts'
import type { Port } from './port.ts'

/** What was observed, and whether it was there before this attempt did anything. */
export type Done = { readonly receipt: Receipt; readonly reconciled: boolean }

/** It cannot be known whether the effect happened: a person or a later look must say. */
export class EffectUnknown extends Error {}

/** What an effect works with. */
export type EffectPlace = {
  readonly cache: Cache
  readonly change: Change
  readonly digest: string
  readonly attempt: number
  /** The run was stopped: say whether an earlier attempt did it, and do nothing. */
  readonly lookOnly: boolean
  readonly scratch: string
  readonly port: Port
}

/** Notes that the change goes to its remote. How many bytes git sends is not seen; the patch says about how many. */
export const noteSent = async ({ port, cache, change }: EffectPlace): Promise<void> => {
  const patch = await port.evidence.get(change.patch)
  await port.left('git push', cache.remote.url, patch?.length ?? 0)
}

/** Throws when this attempt may not go on. Called right before the one irreversible command. */
export const stillWanted = ({ port, lookOnly }: Pick<EffectPlace, 'port' | 'lookOnly'>): void => {
  if (lookOnly)
    throw failed(
      'cancelled',
      'not_done',
      'It was only to be looked for, and an earlier attempt did not do it. Nothing was published.',
      'Start a new run if it is still wanted.',
    )
  if (port.signal.aborted)
    throw failed(
      'cancelled',
      'cancelled',
      'The run was stopped before the effect began; nothing was published.',
      'Start a new run if it is still wanted.',
    )
}
