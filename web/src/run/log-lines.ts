/**
 * How does a log grow on the page?
 * Bytes in, lines in blocks out; digest and length of everything that came are kept, so that the end can be checked.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { AnsiReader, type Line } from '../text/ansi.ts'

/** Lines of one block; blocks that are full never change. */
export const blockLines = 200
export type Block = { from: number; lines: readonly Line[] }

export class LogLines {
  blocks: Block[] = []
  /** Bytes that came so far; the next request starts here. */
  bytes = 0
  private readonly reader = new AnsiReader()
  private readonly utf8 = new TextDecoder()
  private readonly hash = sha256.create()
  private ended: string | null = null

  push(bytes: Uint8Array): void {
    this.bytes += bytes.length
    this.hash.update(bytes)
    this.add(this.reader.push(this.utf8.decode(bytes, { stream: true })))
  }

  /** No more comes. */
  end(): void {
    if (this.ended !== null) return
    this.add([...this.reader.push(this.utf8.decode()), ...this.reader.end()])
    this.ended = bytesToHex(this.hash.digest())
  }

  /** Digest of all bytes, once it ended. */
  get digest(): string | null {
    return this.ended
  }
  get dropped(): number {
    return this.reader.dropped
  }
  /** The line that has begun and not ended. */
  get open(): Line | null {
    return this.ended === null ? this.reader.open() : null
  }
  get count(): number {
    const last = this.blocks.at(-1)
    return last ? last.from + last.lines.length : 0
  }

  private add(lines: Line[]): void {
    for (let at = 0; at < lines.length;) {
      const last = this.blocks.at(-1)
      const room = last ? blockLines - last.lines.length : 0
      const part = lines.slice(at, at + (room || blockLines))
      if (last && room > 0) this.blocks[this.blocks.length - 1] = { from: last.from, lines: [...last.lines, ...part] }
      else this.blocks.push({ from: this.count, lines: part })
      at += part.length
    }
  }
}
