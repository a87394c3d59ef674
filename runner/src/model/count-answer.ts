/**
 * What did this answer use, read from its bytes as they pass?
 * The bytes are passed on before they are looked at, so that counting costs the agent no time. Only pieces that speak of use are parsed.
 */
import { gathering } from '@viewportai/core/wire/gather'
import { asBuffer } from '../process/as-buffer.ts'
import { nothingCounted, takeIn, type Counted } from './usage.ts'

export type AnswerCount = {
  take(bytes: Uint8Array): void
  /** Everything came. What is left is looked at. */
  end(): void
  readonly counted: Counted
  /** Pieces of a stream so far: at least so many tokens were written. */
  readonly pieces: () => number
}

// Longer lines and answers are not kept: their use is unknown then, and the budget counts them by their bytes.
const longest = 32 * 1024 * 1024

/** Counts a stream of events (`text/event-stream`), or a whole JSON answer. */
export const countAnswer = (stream: boolean): AnswerCount => {
  const counted = nothingCounted()
  const kept = gathering(longest)
  let tooLong = false
  let pieces = 0

  const line = (bytes: Buffer): void => {
    if (bytes.length < 7 || bytes[0] !== 0x64 || bytes.toString('latin1', 0, 5) !== 'data:') return
    pieces++
    if (bytes.includes('sage')) parse(bytes.toString('utf8', 5))
  }
  const parse = (text: string): void => {
    try {
      takeIn(counted, JSON.parse(text))
    } catch {
      // no JSON: says nothing about use
    }
  }
  const keep = (bytes: Buffer): void => void (tooLong = !kept.take(bytes))
  /** Begins anew. */
  const takeKept = (): Buffer => {
    tooLong = false
    return asBuffer(kept.whole())
  }

  return {
    counted,
    pieces: () => pieces,
    take(bytes) {
      const chunk = asBuffer(bytes)
      if (!stream) return keep(chunk)
      let from = 0
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
        const part = chunk.subarray(from, at)
        from = at + 1
        if (kept.length() === 0 && !tooLong) line(part)
        else {
          keep(part)
          line(takeKept()) // nothing of one that was too long
        }
      }
      if (from < chunk.length) keep(chunk.subarray(from))
    },
    end() {
      const rest = takeKept()
      if (rest.length === 0) return
      if (stream) line(rest)
      else parse(rest.toString('utf8'))
    },
  }
}
