/** The patch on the screen and the one that was looked at before, read once and compared. */
import { changeIn } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useMemo } from 'react'
import { useBody, type Evidence } from '../body/use-body.ts'
import type { Patch } from './patch.ts'
import { patchOf } from './patch-of.ts'
import { since, type Since } from './since.ts'

export type Patches = {
  now: Patch | null
  before: Patch | null
  since: Since | null
  earlier: Evidence
  baseMoved: boolean
}

/** `bytes`: the checked bytes of the card's patch, or null while they are not here. */
export const usePatches = (card: GateCard, bytes: Uint8Array | null): Patches => {
  const previous = card.previous && changeIn(card.previous.subject) ? card.previous : null
  const earlier = useBody(card.run, previous?.body ?? null)
  const earlierBytes = earlier.state === 'here' ? earlier.shown.bytes : null
  const now = bytes && patchOf(bytes)
  const before = earlierBytes && patchOf(earlierBytes)
  const compared = useMemo(() => (now && before ? since(before, now) : null), [now, before])
  return {
    now,
    before,
    since: compared,
    earlier,
    baseMoved: previous !== null && changeIn(previous.subject)!.base !== changeIn(card.subject)?.base,
  }
}
