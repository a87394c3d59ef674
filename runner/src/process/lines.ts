/** Which whole lines came out of a program so far? Split multi-byte characters and lines without an end are its reason to exist. */
import { StringDecoder } from 'node:string_decoder'

/** What comes out for a line that grew past the limit: what was kept, and that it was cut. */
export type Line = { readonly text: string; readonly cut: boolean }

/** Splits bytes into lines (without the line feed); invalid UTF-8 becomes U+FFFD. `most`: characters kept of one line. */
export const lineSplitter = (
  take: (line: Line) => void,
  most = 1_000_000,
): { write(bytes: Uint8Array): void; end(): void } => {
  const decoder = new StringDecoder('utf8')
  let held = ''
  let cut = false
  const add = (text: string): void => {
    if (held.length + text.length > most) cut = true
    held = cut ? (held + text).slice(0, most) : held + text
  }
  const flush = (): void => {
    take({ text: held.endsWith('\r') ? held.slice(0, -1) : held, cut })
    held = ''
    cut = false
  }
  const push = (text: string): void => {
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      add(text.slice(from, at))
      flush()
      from = at + 1
    }
    if (from < text.length) add(text.slice(from))
  }
  return {
    write: (bytes) => push(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
    end: () => {
      push(decoder.end())
      if (held !== '' || cut) flush()
    },
  }
}
