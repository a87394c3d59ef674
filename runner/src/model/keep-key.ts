/**
 * How does the real key stay out of what a provider answers?
 * It is looked for in every byte towards the agent, in its usual disguises, across the borders of chunks. Only the end of a chunk that may be
 * its beginning is held back, so that a stream is not held up.
 */
import { needlesOf } from '../egress/encodings.ts'

export type KeyFilter = { push(bytes: Uint8Array): Buffer; end(): Buffer }
export type KeyKeeper = { text(text: string): string; stream(): KeyFilter }

const sign = Buffer.from('[key of the runner]')

/** Keeps a key back. */
export const keyKeeper = (key: string): KeyKeeper => {
  const needles = needlesOf([{ name: 'model-key', value: key }]).map(({ text }) => Buffer.from(text, 'latin1'))
  const longest = Math.max(0, ...needles.map(({ length }) => length))

  const stream = (): KeyFilter => {
    let held: Buffer = Buffer.alloc(0)
    return {
      push(bytes) {
        const all = held.length === 0 ? asBuffer(bytes) : Buffer.concat([held, bytes])
        const clean = replaced(all, needles)
        const from = beginning(clean, needles, longest)
        held = Buffer.from(clean.subarray(from))
        return clean.subarray(0, from)
      },
      end() {
        const rest = held
        held = Buffer.alloc(0)
        return rest
      },
    }
  }
  return { stream, text: (text) => replaced(Buffer.from(text), needles).toString() }
}

const replaced = (bytes: Buffer, needles: readonly Buffer[]): Buffer => {
  let clean = bytes
  for (const needle of needles)
    for (let at = clean.indexOf(needle); at >= 0; at = clean.indexOf(needle, at + sign.length))
      clean = Buffer.concat([clean.subarray(0, at), sign, clean.subarray(at + needle.length)])
  return clean
}

/** Where an end of the bytes begins that is the beginning of a needle; their length when there is none. */
const beginning = (bytes: Buffer, needles: readonly Buffer[], longest: number): number => {
  for (let from = Math.max(0, bytes.length - longest + 1); from < bytes.length; from++) {
    const rest = bytes.length - from
    if (
      needles.some(
        (needle) =>
          needle.length > rest && needle[0] === bytes[from] && needle.compare(bytes, from, bytes.length, 0, rest) === 0,
      )
    )
      return from
  }
  return bytes.length
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
