// Which bytes are the audit packet of a run? Given exact facts, keys, signed reports and a signer; it reads nothing itself.
import { composePacket, type PacketInput } from '@viewportai/core/packet/compose'

import { packedEntry, zipLength, zipOf, type ZipEntry } from './zip.ts'

/**
 * The zip of a run's audit packet, part by part, and its length: the same input gives the same bytes.
 *
 * `facts`: exact text and hash of every fact of the run in order (columns `text` and `hash` of vp.facts).
 * `keys`: `packetKey(raw, owner, notBefore, notAfter)` of core/packet/keys for the control plane's signing key and for the
 * runners of the run; times in ms. Keys that signed nothing in it are left out.
 * `reports`: rows of vp.reports of the run whose `fact` is set: `{ fact, text, signature }`.
 * `bodies`: digest -> bytes of those that are held in memory. `large`: those that are not; their files as entries of the zip.
 * `signer`: `{ kid, sign(bytes) }` of the control plane's key; `kid` is its RFC 7638 thumbprint.
 * `exportedAt`: ms by the control plane's clock.
 *
 * Throws when the ledger is damaged (a hash does not fit its fact), a report is not a signed one, or a key is missing:
 * such a packet must not be signed.
 */
export async function buildPacket(
  input: PacketInput,
  large: readonly ZipEntry[] = [],
): Promise<{ bytes: AsyncIterable<Uint8Array>; total: number }> {
  const files = await composePacket({ ...input, bodiesBeside: large.length })
  const entries = [...[...files].map(([path, bytes]) => packedEntry(path, bytes)), ...large]
  return { bytes: zipOf(entries), total: zipLength(entries) }
}

/** What the file is called when it is saved: `run-12.packet.zip`. */
export function packetFileName(runNumber: number): string {
  return `run-${runNumber}.packet.zip`
}
