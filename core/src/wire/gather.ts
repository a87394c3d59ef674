/**
 * How do the pieces of one thing become one, so that whoever sends it in pieces of a byte costs no more than whoever sends it at once?
 * Every piece is copied into one buffer that doubles. A list of pieces costs half a kilobyte for each, whatever is in it, and keeps alive what it was read into:
 * five megabytes in pieces of one byte fill two gigabytes. It knows no limit of time: whoever reads has one.
 */

declare const TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string }

/** Pieces that become one. */
export type Gathering = {
  /** Copies a piece. False: with it there are more bytes than may be, what came is let go, and nothing more is taken. */
  take(piece: Uint8Array): boolean
  /** Bytes so far; 0 once it was too much. */
  length(): number
  /** What came, in one, and begins anew with nothing. Nobody else holds its memory. */
  whole(): Uint8Array<ArrayBuffer>
  /** What came as text in UTF-8, and keeps it; what is none becomes U+FFFD, and a byte order mark stays. */
  text(): string
}

const least = 1_024

/** Begins. `most`: bytes that may come in all. */
export const gathering = (most: number): Gathering => {
  let held = new Uint8Array(0)
  let length = 0
  let over = false
  const makeRoom = (needed: number): void => {
    if (needed <= held.length) return
    const wider = new Uint8Array(Math.min(most, Math.max(needed, 2 * held.length, least)))
    wider.set(held.subarray(0, length))
    held = wider
  }
  const whole = (): Uint8Array<ArrayBuffer> => {
    // Who keeps it is not to keep the room beside it as well.
    const all = length > held.length - (held.length >> 3) ? held.subarray(0, length) : held.slice(0, length)
    held = new Uint8Array(0)
    length = 0
    over = false
    return all
  }
  return {
    take(piece) {
      over ||= length + piece.length > most
      if (over) {
        held = new Uint8Array(0)
        length = 0
        return false
      }
      makeRoom(length + piece.length)
      held.set(piece, length)
      length += piece.length
      return true
    },
    length: () => length,
    whole,
    text: () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(held.subarray(0, length)),
  }
}
