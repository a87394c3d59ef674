/**
 * How can a reader of a log tell vpd's own lines from what programs wrote into it?
 * They begin with a mark (◆) that stands nowhere else: in everything else it becomes ◇ on its way to the disk, after redaction, so that nothing is
 * spelled around it. Which lines are vpd's is carried through the redaction by a word that no program of the step can know.
 */
import { randomBytes } from 'node:crypto'

/** What vpd's own lines begin with. */
export const ownMark = '◆'

export type OwnLines = {
  /** What goes into the stream that is redacted: what a program wrote. */
  guest(bytes: Uint8Array): Uint8Array
  /** The same for words of vpd's own, each line of them. It ends whatever line, colour or control string a program left open. */
  own(words: string): Buffer
  /** What came out of the redaction, with the marks where they belong. `last`: nothing more comes. */
  marked(bytes: Buffer, last: boolean): Buffer
}

const mark = Buffer.from(ownMark)
const other = Buffer.from('◇')
const newline = 0x0a
const escape = 0x1b
// Ends a control string (OSC and the like), then every colour and hiding.
const calm = '\x1b\\\x1b[0m'

/** For one log. */
export const ownLines = (): OwnLines => {
  const word = Buffer.from(`\u0001${randomBytes(16).toString('hex')}\u0001`)
  let atStart = true
  let wild = false
  let held: Buffer = Buffer.alloc(0)
  return {
    guest(bytes) {
      if (bytes.length === 0) return bytes
      atStart = bytes[bytes.length - 1] === newline
      wild ||= bytes.includes(escape)
      return bytes
    },
    own(words) {
      const lines = words.split('\n').map((line) => line.replaceAll(/\p{Cc}/gu, '?'))
      const before = `${wild ? calm : ''}${atStart ? '' : '\n'}`
      atStart = true
      wild = false
      return Buffer.from(before + lines.map((line) => `${word.toString()} ${line}\n`).join(''))
    },
    marked(bytes, last) {
      const all = swapped(swapped(held.length === 0 ? bytes : Buffer.concat([held, bytes]), mark, other), word, mark)
      const upTo = last ? all.length : all.length - openEnd(all, [mark, word])
      held = Buffer.from(all.subarray(upTo))
      return all.subarray(0, upTo)
    },
  }
}

const swapped = (bytes: Buffer, from: Buffer, to: Buffer): Buffer => {
  let at = bytes.indexOf(from)
  if (at < 0) return bytes
  const parts: Buffer[] = []
  let done = 0
  for (; at >= 0; at = bytes.indexOf(from, done)) {
    parts.push(bytes.subarray(done, at), to)
    done = at + from.length
  }
  return Buffer.concat([...parts, bytes.subarray(done)])
}

/** How many bytes at the end may be the beginning of one of these. */
const openEnd = (bytes: Buffer, sought: readonly Buffer[]): number => {
  const most = Math.max(...sought.map(({ length }) => length)) - 1
  for (let count = Math.min(most, bytes.length); count > 0; count--) {
    const end = bytes.subarray(bytes.length - count)
    if (sought.some((one) => count < one.length && one.subarray(0, count).equals(end))) return count
  }
  return 0
}
