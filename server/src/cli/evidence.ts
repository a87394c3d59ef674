/**
 * Do the bytes that a gate asks about have the digest that a decision binds to?
 * Computed here, from what is shown; a digest that somebody merely tells is never passed on.
 */
import { bodyDigests, firstWrongChunk, type BodyRef } from '@viewportai/core/digest/body'
import { sha256Hex } from '@viewportai/core/digest/canonical'
import { bodyIn, subjectDigest } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { Api } from './connect.ts'
import { Stop } from './exit.ts'
import { shortDigest } from './terminal.ts'

/** What a person sees of a gate, checked: the digest of all of it, and the text of its body where there is one. */
export type Evidence = { readonly digest: string; readonly text: string | null; readonly body: BodyRef | null }

/** Fetches the body of a gate and checks everything against the digest that was asked. Throws a `Stop` when something differs or cannot be had. */
export const readEvidence = async (api: Api, card: GateCard): Promise<Evidence> => {
  const digest = subjectDigest(card.subject)
  if (digest !== card.digest)
    throw differs(`What is shown has the digest ${shortDigest(digest)}, the gate names ${shortDigest(card.digest)}.`)
  const named = bodyIn(card.subject)
  if (named === null) return { digest, text: null, body: null }
  if (card.body === null || card.body.digest !== named)
    throw differs('The gate names other bytes than the ones it offers to show.')
  const response = await api.body({ params: { run: card.run, digest: named }, query: {} })
  const bytes = new Uint8Array(await response.arrayBuffer())
  checkBytes(card.body, bytes)
  return { digest, text: new TextDecoder().decode(bytes), body: card.body }
}

/** Throws a `Stop` unless the bytes are the ones a reference names. */
const checkBytes = (ref: Pick<BodyRef, 'digest' | 'bytes' | 'chunks'>, bytes: Uint8Array): void => {
  if (sha256Hex(bytes) === ref.digest && bytes.length === ref.bytes) return
  const found = bodyDigests(bytes)
  const chunk = firstWrongChunk(ref, bytes)
  throw differs(
    `The bytes that came have the digest ${shortDigest(found.digest)} (${found.bytes} bytes${chunk === null ? '' : `, wrong from chunk ${chunk + 1}`}); ${shortDigest(ref.digest)} was promised.`,
  )
}

const differs = (what: string): Stop =>
  new Stop('refused', `${what} Nothing was decided.`, 'Do not decide on this; look at the runner that holds the bytes.')
