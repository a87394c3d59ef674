/**
 * In which disguises may a secret stand in a text, whatever stands between its characters?
 * A text is looked at in two views: `bare`, its letters and digits alone, in small letters; and `tight`, its printable characters without blanks. In the bare
 * view separators, line breaks, quotes, zero-width characters and the NULs of UTF-16 are gone, so that hex in pairs, `\x63`, `%63`, `=63`, `&#x63;` and `["c","n"]` are one form each.
 */
import type { Secret } from './encodings.ts'
import { shortestSecret } from './encodings.ts'

export type View = 'bare' | 'tight'
/** What is looked for in a view. `least`: so much of it in a row gives the secret away. */
export type Wanted = { readonly name: string; readonly view: View; readonly text: string; readonly least: number }

// Twelve bytes of a value in a row give it away, in any of its forms.
const fragment = 12
// Of longer lines (keys) fewer forms are looked for: their pieces alone are unmistakable.
const longLine = 256

/** Everything to look for. Values of several lines (keys) are looked for line by line. */
export const disguisesOf = (secrets: readonly Secret[]): Wanted[] => {
  const found = new Map<string, Wanted>()
  for (const { name, value } of secrets)
    for (const line of value.split(/\r?\n/).map((one) => one.trim()))
      if (line.length >= shortestSecret)
        for (const { view, form, least } of formsOf(Buffer.from(line, 'utf8'))) {
          const text = seenIn(view, form)
          const key = `${view} ${text}`
          if (text.length >= shortestSecret && !found.has(key))
            found.set(key, { name, view, text, least: Math.min(least, text.length) })
        }
  return [...found.values()]
}

type Form = { view: View; form: string; least: number }

const formsOf = (value: Buffer): Form[] => {
  const plain = value.toString('latin1')
  const bare = (forms: readonly string[], perByte: number): Form[] =>
    forms.map((form) => ({ view: 'bare', form, least: Math.ceil(fragment * perByte) }))
  const tight = (forms: readonly string[], perByte: number): Form[] =>
    forms.map((form) => ({ view: 'tight', form, least: Math.ceil(fragment * perByte) }))
  const hex = value.toString('hex')
  const usual = [
    ...tight([plain, backwards(plain)], 1),
    // An ordinary word with a dash in it is not taken for the word without one.
    ...(isUnmistakable(plain) ? bare([plain, backwards(plain), rot13(plain)], 4 / 3) : []),
    ...bare([hex, backwards(hex), ...swapped(hex)], 2),
    ...bare(base64(value), 4 / 3),
    ...bare(base32(value), 8 / 5),
  ]
  if (value.length > longLine) return usual
  const wide = Buffer.from(plain, 'utf16le')
  return [
    ...usual,
    ...tight([rot47(plain)], 1),
    ...tight(ascii85(value), 5 / 4),
    ...bare([each(value, (byte) => `x${hexOf(byte)}`), each(value, (byte) => `u${hexOf(byte)}`)], 3), // \x63, &#x63;, \u{63}
    ...bare([each(value, (byte) => `0x${hexOf(byte)}`), each(value, (byte) => `25${hexOf(byte)}`)], 4), // 0x63, %2563
    ...bare([each(value, (byte) => `u00${hexOf(byte)}`)], 5), // \u0063, U+0063
    ...bare([each(value, (byte) => byte.toString(8).padStart(3, '0')), each(value, String)], 3), // \143; 99, 110, &#99;
    ...bare([each(value, (byte) => `0${byte.toString(8).padStart(3, '0')}`)], 4), // 0143
    ...bare(octalWords(value), 3), // of two bytes, as `od` writes them by default
    ...bare([each(value, (byte) => byte.toString(2).padStart(8, '0'))], 8),
    ...bare([wide.toString('hex')], 4),
    ...bare(base64(wide), 8 / 3),
    // two layers
    ...bare(base64(value).map(backwards), 4 / 3),
    ...bare(
      [...base64(Buffer.from(backwards(plain), 'latin1')), ...base64(Buffer.from(rot13(plain), 'latin1'))],
      4 / 3,
    ),
    ...bare(
      base64(value).flatMap((one) => base64(Buffer.from(one))),
      16 / 9,
    ),
    ...bare(base64(Buffer.from(hex)), 8 / 3),
    ...bare(
      base64(value).map((one) => Buffer.from(one).toString('hex')),
      8 / 3,
    ),
  ]
}

/** What of a form shows in a view. */
export const seenIn = (view: View, text: string): string =>
  view === 'bare' ? text.replace(/[^A-Za-z0-9]/g, '').toLowerCase() : text.replace(/[^\x21-\x7e]/g, '')

const isUnmistakable = (plain: string): boolean => {
  const bare = seenIn('bare', plain)
  return bare.length >= 16 || (bare.length >= 10 && /\d/.test(bare))
}

const each = (value: Buffer, write: (byte: number) => string): string => Array.from(value, write).join('')
const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0')
const backwards = (text: string): string => [...text].toReversed().join('')

const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

const rot47 = (text: string): string =>
  text.replace(/[!-~]/g, (char) => String.fromCharCode(((char.charCodeAt(0) - 33 + 47) % 94) + 33))

/** Hex as `od` and `hexdump` write it by default, in words of two bytes with the second one first; the value may begin within a word. */
const swapped = (hex: string): string[] =>
  [hex, hex.slice(2)].map((text) => text.slice(0, text.length - (text.length % 4)).replace(/(..)(..)/g, '$2$1'))

const octalWords = (value: Buffer): string[] =>
  [0, 1].map((first) =>
    Array.from({ length: (value.length - first) >> 1 }, (_, at) =>
      value
        .readUInt16LE(first + at * 2)
        .toString(8)
        .padStart(6, '0'),
    ).join(''),
  )

/** Base64 of the value wherever it may begin in the encoded bytes: without the digits at the edges that depend on the neighbours. */
const base64 = (value: Buffer): string[] =>
  [0, 1, 2].flatMap((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), value])
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + value.length) * 8) / 6))
    return digits.length < 8 ? [] : [digits]
  })

/** Base32 (RFC 4648) in the same way: it begins anew every five bytes. */
const base32 = (value: Buffer): string[] =>
  [0, 1, 2, 3, 4].map((before) => {
    const bits = '0'.repeat(before * 8) + each(value, (byte) => byte.toString(2).padStart(8, '0'))
    const first = Math.ceil((before * 8) / 5)
    return Array.from(
      { length: Math.floor(bits.length / 5) - first },
      (_, at) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(bits.slice((first + at) * 5, (first + at + 1) * 5), 2)],
    ).join('')
  })

/** Ascii85 in the same way: whole groups of four bytes, from each of the four places where one may begin. */
const ascii85 = (value: Buffer): string[] =>
  [0, 1, 2, 3].map((skip) => {
    const groups = Math.floor((value.length - skip) / 4)
    return Array.from({ length: Math.max(0, groups) }, (_, at) => {
      let number = value.readUInt32BE(skip + at * 4)
      if (number === 0) return 'z'
      let group = ''
      for (let digit = 0; digit < 5; digit++) {
        group = String.fromCharCode(33 + (number % 85)) + group
        number = Math.floor(number / 85)
      }
      return group
    }).join('')
  })
