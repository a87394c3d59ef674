/**
 * What is in compressed bytes that stand in a text, as they are or in base64?
 * Only what begins like gzip, zlib or a zip's entry is opened, up to a limit; what stands behind in the text is not touched.
 */
import zlib from 'node:zlib'

/** Compressed bytes from `from` to `to` (exclusive) in the text, and what is in them; null: more than is looked at. `open`: their end is not there yet. */
export type Packed = {
  readonly from: number
  readonly to: number
  readonly inside: Buffer | null
  readonly open: boolean
}

const inflatedAtMost = 4 * 1024 * 1024
// The first digits of gzip, of zlib at its usual levels and of a zip's entry; before them may stand what ends a folder or a word in a name.
const inBase64 =
  /(?<![A-Za-z0-9])(?:H4sI|eJ[wxyz]|eN[opqr]|eA[EFGH]|eF[4567]|UEsDB)[A-Za-z0-9+/_-]{8,}(?:\r?\n[A-Za-z0-9+/_-]{4,}(?=[\r\n=]|$))*={0,2}/g
// Of zlib only heads that no text begins with.
const raw = /\x1f\x8b\x08|PK\x03\x04|\x78[\x9c\xda]/g
/** So much is unpacked of one text, all in all: a bomb, or thousands of small ones, must not keep vpd busy. */
const unpackedAtMost = 64 * 1024 * 1024

/** All packed bytes in the text (latin1, one character per byte). */
export const packedIn = (text: string): Packed[] => {
  const found: Packed[] = []
  let left = unpackedAtMost
  for (const match of text.matchAll(inBase64)) {
    const to = match.index + match[0].length
    const inside = left > 0 ? unpacked(Buffer.from(match[0], 'base64')) : null
    if (!inside) continue
    left -= inside.bytes?.length ?? inflatedAtMost
    found.push({ from: match.index, to, inside: inside.bytes, open: !inside.whole && to === text.length })
  }
  let bytes: Buffer | null = null
  for (const match of text.matchAll(raw)) {
    bytes ??= Buffer.from(text, 'latin1')
    const inside = left > 0 ? unpacked(bytes.subarray(match.index)) : null
    if (!inside) continue
    left -= inside.bytes?.length ?? inflatedAtMost
    const to = inside.whole ? Math.min(text.length, match.index + inside.used) : text.length
    found.push({ from: match.index, to, inside: inside.bytes, open: !inside.whole })
  }
  return found
}

type Unpacked = { bytes: Buffer | null; used: number; whole: boolean }

/** What is in the bytes, or null when they hold nothing that can be opened. */
const unpacked = (bytes: Buffer): Unpacked | null => {
  const body = deflatedFrom(bytes)
  if (body === null || body >= bytes.length) return null
  const inflate = (finishFlush: number): { buffer: Buffer; engine: { bytesWritten: number } } =>
    zlib.inflateRawSync(bytes.subarray(body), {
      maxOutputLength: inflatedAtMost,
      finishFlush,
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
  try {
    const { buffer, engine } = inflate(zlib.constants.Z_SYNC_FLUSH) // what is there of it, its end or not
    const used = body + engine.bytesWritten
    return buffer.length === 0 ? null : { bytes: buffer, used, whole: used < bytes.length || isWhole(inflate) }
  } catch (error) {
    // Damaged or of another form, or more than is looked at.
    const isMore = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return isMore ? { bytes: null, used: bytes.length, whole: true } : null
  }
}

const isWhole = (inflate: (finishFlush: number) => unknown): boolean => {
  try {
    return inflate(zlib.constants.Z_FINISH) !== null
  } catch {
    return false
  }
}

/** Where the deflated bytes begin behind the head of gzip (RFC 1952), zlib (RFC 1950) or a zip's entry; null when this is none of them. */
const deflatedFrom = (bytes: Buffer): number | null => {
  if (bytes.length < 8) return null
  if (bytes[0] === 0x78) return 2
  if (bytes.readUInt32LE(0) === 0x04034b50)
    return bytes.length < 30 || bytes.readUInt16LE(8) !== 8
      ? null
      : 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || bytes.length < 18) return null
  const flags = bytes[3]!
  let at = 10
  if (flags & 4) at += 2 + bytes.readUInt16LE(at)
  for (const one of [8, 16]) if (flags & one) at = bytes.indexOf(0, at) + 1 || bytes.length // a name, a comment
  return flags & 2 ? at + 2 : at
}
