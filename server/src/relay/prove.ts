/**
 * Is this end of the TLS connection the control plane, and is the other end the runner it says it is?
 * The control plane signs the connection's binding first; the runner signs it too, with the key it was paired with.
 */
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import type { z } from 'zod'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import {
  planeProofType,
  RelayEntry,
  RunnerProofClaims,
  runnerProofMisfit,
  runnerProofType,
  type RelayOffer,
} from '@viewportai/core/wire/relay'
import { readStrictJson } from '../http/strict-json.ts'
import type { WireContext } from '../wire/context.ts'
import { runnerOf } from '../wire/token.ts'

/** What the control plane shows first, and the thumbprint of the key it signed with. */
export const offerOf = async (
  { keys }: WireContext,
  binding: string,
): Promise<{ offer: z.infer<typeof RelayOffer>; by: string }> => {
  const proof = await keys.sign({ binding }, planeProofType)
  return { offer: { proof, successions: [...keys.successions()] }, by: String(decodeProtectedHeader(proof).kid) }
}

/** The runner that proved itself by this text of a RelayEntry, or why it did not. `to`: whom it must have seen at this end. */
export const enteredBy = async (
  context: WireContext,
  text: string,
  { binding, to }: { binding: string; to: string },
): Promise<string | Refusal> => {
  const read = readStrictJson(text)
  const entry = RelayEntry.safeParse(read.ok ? read.value : null)
  if (!entry.success) return refuse('invalid', { where: 'body', why: 'it is not an entry to a relay' })
  const { runner, proof } = entry.data
  const row = await runnerOf(context, runner)
  if (!row) return refuse('runner_unknown')
  if (row.state === 'removed') return refuse('runner_revoked')
  const claims = await readProof(proof, row.key)
  if (claims === null) return refuse('proof_invalid', { why: 'it is not signed with the key of this runner' })
  const misfit = runnerProofMisfit(claims, { binding, runner, to })
  return misfit === null ? runner : refuse('proof_invalid', { why: misfit })
}

const readProof = async (
  proof: string,
  key: { kty: 'OKP'; crv: 'Ed25519'; x: string },
): Promise<z.infer<typeof RunnerProofClaims> | null> => {
  try {
    const read = await compactVerify(proof, await importJWK(key, 'EdDSA'), { algorithms: ['EdDSA'] })
    if (read.protectedHeader.typ !== runnerProofType) return null
    return RunnerProofClaims.parse(JSON.parse(new TextDecoder().decode(read.payload)))
  } catch {
    return null
  }
}
