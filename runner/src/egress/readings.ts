/**
 * How else may a text be read than as it stands?
 * With its escapes undone, with the columns of a dump put together, with the lines of uuencode decoded. Each byte of a reading knows which bytes of the text it stands for.
 */

/** Bytes, and for each of them the place in the text that it was read from. */
export type Reading = { readonly bytes: Uint8Array; readonly from: Uint32Array; readonly to: Uint32Array }

/** All readings that the text gives reason for, beside the one as it stands. `text`: latin1, one character per byte. */
export const readingsOf = (text: string): Reading[] => [
  ...undone(text, false),
  ...undone(text, true),
  ...lines(text, dumpLine, (line) => Buffer.from(dumpLine.exec(line)![1]!, 'latin1')),
  ...lines(text, numbersLine, (line) => Buffer.from(numbersLine.exec(line)!.slice(1).join(''), 'latin1')),
  ...lines(text, uuLine, uudecoded),
]

const escapes = /%[0-9a-f]{2}|\\[xuU0-7"'/\\]|&(?:#|amp|lt|gt|quot|apos)/i
const quotedPrintable = /=(?:[0-9A-F]{2}|\r?\n)/

/** Escapes undone where there are some, up to three times over: `%2563` is `%63` is `c`. */
const undone = (text: string, quoted: boolean): Reading[] => {
  const form = quoted ? quotedPrintable : escapes
  const some = lines(text, form, (line) => Buffer.from(line, 'latin1'), true)
  const readings: Reading[] = []
  for (let before = some[0]; before !== undefined && readings.length < 3;) {
    const now = Buffer.from(before.bytes).toString('latin1')
    if (!form.test(now)) break
    before = undoneOnce(now, quoted, before)
    readings.push(before)
  }
  return readings
}

const escape =
  /%([0-9a-f]{2})|\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\([0-7]{2,3})|&#x([0-9a-f]{1,6});|&#([0-9]{1,7});|&(amp|lt|gt|quot|apos);|\\(["'/\\])/gi
const quotedEscape = /=([0-9A-F]{2})|=(\r?\n)/g
const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const

const undoneOnce = (text: string, quoted: boolean, before: Reading): Reading => {
  const bytes = new Uint8Array(text.length)
  const from = new Uint32Array(text.length)
  const to = new Uint32Array(text.length)
  let count = 0
  const put = (byte: number, at: number, end: number): void => {
    bytes[count] = byte
    from[count] = before.from[at]!
    to[count++] = before.to[end - 1]!
  }
  let at = 0
  for (const match of text.matchAll(quoted ? quotedEscape : escape)) {
    for (; at < match.index; at++) put(text.charCodeAt(at), at, at + 1)
    const end = at + match[0].length
    for (const byte of quoted ? quotedBytes(match) : escapedBytes(match)) put(byte, at, end)
    at = end
  }
  for (; at < text.length; at++) put(text.charCodeAt(at), at, at + 1)
  return { bytes: bytes.subarray(0, count), from, to }
}

const quotedBytes = ([, hex]: RegExpMatchArray): number[] => (hex === undefined ? [] : [Number.parseInt(hex, 16)])

const escapedBytes = ([, ...groups]: RegExpMatchArray): Iterable<number> => {
  const [percent, x, u, braced, octal, entity, decimal, name, char] = groups
  const byte = percent ?? x
  if (byte !== undefined) return [Number.parseInt(byte, 16)]
  if (octal !== undefined) return [Number.parseInt(octal, 8) & 0xff]
  const hex = u ?? braced ?? entity
  if (hex !== undefined) return encoded(Number.parseInt(hex, 16))
  if (decimal !== undefined) return encoded(Number(decimal))
  return Buffer.from(name === undefined ? char! : named[name.toLowerCase() as keyof typeof named])
}

const encoded = (point: number): Iterable<number> => (point > 0x10ffff ? [] : Buffer.from(String.fromCodePoint(point)))

/** A line of `xxd`, `hexdump` or `od`: what stands behind its offset, and there only the numbers, without a column of characters. */
const dumpLine = /^(?:0x)?[0-9a-f]{6,16}:?[ \t]+(\S.*)$/i
const numbersLine = /^(?:0x)?[0-9a-f]{6,16}(?:: ((?:[0-9a-f]{2,8} ?)+)|[ \t]+((?:[0-9a-f]{2,8}[ \t]{0,2})+))/i
/** A line of uuencode: its length in the first character, then four characters for three bytes. */
const uuLine = /^([!-M])((?:[ -`]{4})+)\r?$/

/** Lines of a form, read and put together. What is found in one is the whole line, or, with `exact`, its very bytes. */
const lines = (text: string, form: RegExp, read: (line: string) => Uint8Array, exact = false): Reading[] => {
  const parts: { bytes: Uint8Array; from: number; to: number }[] = []
  let at = 0
  for (const line of exact && !form.test(text) ? [] : text.split('\n')) {
    const whole = exact ? `${line}\n` : line
    if ((exact || line.length < 200) && form.test(whole))
      parts.push({ bytes: read(exact ? text.slice(at, at + whole.length) : line), from: at, to: at + line.length })
    at += line.length + 1
  }
  if (parts.length === 0) return []
  const size = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const [bytes, from, to] = [new Uint8Array(size), new Uint32Array(size), new Uint32Array(size)]
  let count = 0
  for (const part of parts) {
    bytes.set(part.bytes, count)
    for (let n = 0; n < part.bytes.length; n++, count++) {
      from[count] = exact ? part.from + n : part.from
      to[count] = exact ? part.from + n + 1 : part.to
    }
  }
  return [{ bytes, from, to }]
}

const uudecoded = (line: string): Uint8Array => {
  const length = (line.charCodeAt(0) - 32) & 63
  const digits = line.trimEnd().padEnd(1 + Math.ceil(length / 3) * 4, ' ')
  if (digits.length !== 1 + Math.ceil(length / 3) * 4) return new Uint8Array(0)
  const bytes: number[] = []
  for (let at = 1; at < digits.length; at += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((n) => (digits.charCodeAt(at + n) - 32) & 63) as [
      number,
      number,
      number,
      number,
    ]
    bytes.push((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d)
  }
  return Uint8Array.from(bytes.slice(0, length))
}
