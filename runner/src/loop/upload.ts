/** How does a body that is to be stored reach the control plane, before a report names it? */
import { chunkBytes, type BodyRef } from '@viewportai/core/digest/body'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { EvidenceStore } from '../evidence/store.ts'
import type { Ledger } from '../egress/ledger.ts'
import type { Head } from '../journal/journal.ts'
import type { Wire } from '../wire/wire.ts'

// A whole number of chunks, and no more than the control plane takes at once.
const portion = 16 * chunkBytes

/** Uploads one body in portions. A part that is there already is passed over. */
export const uploadBody = async (
  ground: { wire: Wire; evidence: EvidenceStore; ledger: Ledger; signal: AbortSignal },
  head: Head,
  ref: BodyRef,
): Promise<Refusal | null> => {
  const bytes = await ground.evidence.get(ref.digest)
  if (!bytes) return refuse('not_found', { what: 'body', id: ref.digest })
  for (let offset = 0, stuck = 0; ;) {
    const part = bytes.subarray(offset, offset + portion)
    await ground.ledger.note({
      run: head.run,
      step: head.step,
      attempt: head.attempt,
      what: `body ${ref.kind}`,
      body: { digest: ref.digest, from: offset, to: offset + part.length },
    })
    const answer = await ground.wire.storeBody(
      ref.digest,
      { run: head.run, kind: ref.kind, media: ref.media, bytes: ref.bytes, offset },
      part,
      {
        signal: ground.signal,
      },
    )
    const expected = isRefusal(answer)
      ? answer.refusal === 'offset_gap'
        ? Number(answer.facts['expected'])
        : Number.NaN
      : answer.offset
    if (isRefusal(answer) && !Number.isSafeInteger(expected)) return answer
    if (!isRefusal(answer) && answer.complete) return null
    stuck = expected === offset ? stuck + 1 : 0
    if (stuck > 3 || expected > bytes.length) return refuse('offset_gap', { expected })
    offset = expected
  }
}
