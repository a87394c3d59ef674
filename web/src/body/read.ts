/**
 * Are these the bytes that the reference names?
 * Reads a body in ranges and checks every chunk, the length and the whole digest as it arrives. It gives bytes only when all of them fit.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { chunkBytes, type BodyRef } from '@viewportai/core/digest/body'

/** Bytes of one request: sixteen chunks. */
export const rangeBytes = 16 * chunkBytes
/** Reads `length` bytes from `offset`. Throws what the transport throws. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>
export type Checked = { ok: true; bytes: Uint8Array; digest: string } | { ok: false; why: string }

/** The bytes of a body with the digest computed from them, or why they are not the named ones. `progress` hears checked bytes. */
export const readBody = async (
  ref: Pick<BodyRef, 'digest' | 'bytes' | 'chunks'>,
  read: ReadRange,
  progress: (checked: number) => void = () => {},
): Promise<Checked> => {
  const expected = Math.ceil(ref.bytes / chunkBytes)
  if (ref.chunks.length !== expected)
    return { ok: false, why: `${ref.bytes} bytes have ${expected} chunks, and ${ref.chunks.length} are named` }
  const all = new Uint8Array(ref.bytes)
  const whole = sha256.create()
  for (let at = 0; at < ref.bytes; at += rangeBytes) {
    const length = Math.min(rangeBytes, ref.bytes - at)
    const range = await read(at, length)
    if (range.length !== length)
      return { ok: false, why: `${length} bytes were asked from ${at}, and ${range.length} came` }
    for (let inner = 0; inner < length; inner += chunkBytes) {
      const chunk = range.subarray(inner, inner + chunkBytes)
      const index = (at + inner) / chunkBytes
      if (bytesToHex(sha256(chunk)) !== ref.chunks[index])
        return { ok: false, why: `chunk ${index + 1} of ${expected} has other bytes` }
      whole.update(chunk)
    }
    all.set(range, at)
    progress(at + length)
  }
  const digest = bytesToHex(whole.digest())
  return digest === ref.digest
    ? { ok: true, bytes: all, digest }
    : { ok: false, why: 'the whole has another digest than its chunks promise' }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true }) // a mark at the start is shown, not swallowed
/** The bytes as text; what is not UTF-8 becomes U+FFFD, which is drawn as a mark. */
export const textOf = (bytes: Uint8Array): string => utf8.decode(bytes)
