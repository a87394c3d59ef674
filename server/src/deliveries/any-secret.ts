/**
 * By which of the secrets that an address takes was this delivery signed?
 * The one in force first, then those of before that have not ended, the newest first. Whatever one of them fits is judged by that one alone.
 */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Taken } from '../tools/port.ts'

/** What judges with one secret. `old`: its number among those of before, null for the one in force; `until`: when it ends (ms). */
export type Candidate<With> = { readonly with: With; readonly old: number | null; readonly until: number }
export type Judged = { readonly taken: Taken | Refusal; readonly old: number | null }

/** `at`: now (ms). With no fitting secret: what the one in force says. */
export const byAnySecret = <With>(
  [inForce, ...before]: readonly [Candidate<With>, ...Candidate<With>[]],
  at: number,
  take: (one: With) => Taken | Refusal,
): Judged => {
  const first = take(inForce.with)
  if (!isAnothers(first)) return { taken: first, old: inForce.old }
  for (const one of before) {
    if (one.until <= at) continue
    const taken = take(one.with)
    if (!isAnothers(taken)) return { taken, old: one.old }
  }
  return { taken: first, old: inForce.old }
}

/** Is it the no of a secret that did not sign? A delivery that is too old or whose words do not do was signed with it. */
const isAnothers = (taken: Taken | Refusal): boolean => isRefusal(taken) && taken.refusal === 'signature_invalid'
