/** What are the digests of bytes that come in any portions? The same as core's, in one pass and by the system's own SHA-256. */
import { createHash, type Hash } from 'node:crypto'
import { chunkBytes, type BodyRef } from '@viewportai/core/digest/body'

export type Digester = {
  bytes(): number
  add(input: Uint8Array): void
  /** Ends it. */
  end(): Required<Pick<BodyRef, 'digest' | 'bytes' | 'chunks' | 'lines'>>
}

/** Digest of the whole, of every chunk, and counts, while bytes come in any portions. */
export const digester = (): Digester => {
  const whole = createHash('sha256')
  const chunks: string[] = []
  let chunk: Hash = createHash('sha256')
  let inChunk = 0
  let bytes = 0
  let lines = 0
  let last = 10
  return {
    bytes: () => bytes,
    add(input: Uint8Array): void {
      whole.update(input)
      for (let at = 0; at < input.length;) {
        const size = Math.min(chunkBytes - inChunk, input.length - at)
        chunk.update(input.subarray(at, at + size))
        inChunk += size
        at += size
        if (inChunk === chunkBytes) {
          chunks.push(chunk.digest('hex'))
          chunk = createHash('sha256')
          inChunk = 0
        }
      }
      for (const byte of input) if (byte === 10) lines++
      bytes += input.length
      last = input.at(-1) ?? last
    },
    end() {
      if (inChunk) chunks.push(chunk.digest('hex'))
      return { digest: whole.digest('hex'), bytes, chunks, lines: last === 10 ? lines : lines + 1 }
    },
  }
}
