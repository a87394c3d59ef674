/**
 * How may a secret be written so that a plain search does not see it?
 * Written apart from what looks for secrets, so that the two can be held against each other. Each gives latin1 text, one character per byte.
 */
import zlib from 'node:zlib'

/** A name, and how the secret (ASCII) is written. */
export type Disguise = readonly [name: string, write: (secret: string) => string]

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const each = (text: string, write: (code: number) => string, between = ''): string =>
  [...bytes(text)].map(write).join(between)
const hex = (code: number): string => code.toString(16).padStart(2, '0')
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** The ways that are looked for. */
export const disguises: readonly Disguise[] = [
  ['plain', (secret) => secret],
  ['reversed', (secret) => [...secret].toReversed().join('')],
  ['small letters', (secret) => secret.toLowerCase()],
  ['capitals', (secret) => secret.toUpperCase()],
  ['beginning cut', (secret) => secret.slice(5)],
  ['end cut', (secret) => secret.slice(0, -5)],
  ['base64', (secret) => bytes(secret).toString('base64')],
  ['base64 after one byte', (secret) => bytes(`x${secret}yz`).toString('base64')],
  ['base64 after two bytes', (secret) => bytes(`xy${secret}z`).toString('base64')],
  ['base64 of a part', (secret) => bytes(secret.slice(3, -3)).toString('base64')],
  [
    'base64 in short lines',
    (secret) =>
      bytes(`--${secret}--`)
        .toString('base64')
        .replace(/(.{20})/g, '$1\n'),
  ],
  ['base64url', (secret) => bytes(secret).toString('base64url')],
  ['base64 backwards', (secret) => [...bytes(secret).toString('base64')].toReversed().join('')],
  ['base64 twice', (secret) => bytes(bytes(secret).toString('base64')).toString('base64')],
  ['base64 of it backwards', (secret) => bytes([...secret].toReversed().join('')).toString('base64')],
  ['base64 of hex', (secret) => bytes(bytes(secret).toString('hex')).toString('base64')],
  ['hex of base64', (secret) => bytes(bytes(secret).toString('base64')).toString('hex')],
  ['base32', (secret) => base32(secret)],
  ['base32 after three bytes', (secret) => base32(`abc${secret}`)],
  ['hex', (secret) => each(secret, hex)],
  ['hex in capitals', (secret) => each(secret, hex).toUpperCase()],
  ['hex with colons', (secret) => each(secret, hex, ':')],
  ['hex with blanks', (secret) => each(secret, hex, ' ')],
  ['hex with 0x', (secret) => each(secret, (code) => `0x${hex(code)}`, ', ')],
  ['hex of utf-16', (secret) => each(secret, (code) => `${hex(code)}00`)],
  ['percent', (secret) => encodeURIComponent(secret)],
  ['percent everywhere', (secret) => each(secret, (code) => `%${hex(code)}`)],
  ['percent here and there', (secret) => mixed(secret, (code) => `%${hex(code)}`)],
  ['percent twice', (secret) => encodeURIComponent(each(secret, (code) => `%${hex(code)}`))],
  ['percent twice here and there', (secret) => mixed(secret, (code) => `%25${hex(code)}`)],
  ['json escapes', (secret) => each(secret, (code) => `\\u00${hex(code)}`)],
  ['json escapes here and there', (secret) => mixed(secret, (code) => `\\u00${hex(code)}`)],
  ['json in json', (secret) => JSON.stringify(JSON.stringify(secret))],
  ['escapes with braces', (secret) => each(secret, (code) => `\\u{${hex(code)}}`)],
  ['code points', (secret) => each(secret, (code) => `U+00${hex(code)}`, ' ')],
  ['backslash x', (secret) => each(secret, (code) => `\\x${hex(code)}`)],
  ['backslash x here and there', (secret) => mixed(secret, (code) => `\\x${hex(code)}`)],
  ['octal escapes', (secret) => each(secret, (code) => `\\${code.toString(8).padStart(3, '0')}`)],
  ['octal escapes here and there', (secret) => mixed(secret, (code) => `\\${code.toString(8).padStart(3, '0')}`)],
  ['decimal numbers', (secret) => each(secret, String, ', ')],
  ['binary digits', (secret) => each(secret, (code) => code.toString(2).padStart(8, '0'), ' ')],
  ['html, decimal', (secret) => each(secret, (code) => `&#${code};`)],
  ['html, hex', (secret) => each(secret, (code) => `&#x${hex(code)};`)],
  ['html here and there', (secret) => mixed(secret, (code) => `&#${code};`)],
  ['utf-16, small end first', (secret) => Buffer.from(secret, 'utf16le').toString('latin1')],
  ['utf-16, big end first', (secret) => Buffer.from(secret, 'utf16le').swap16().toString('latin1')],
  ['base64 of utf-16', (secret) => Buffer.from(secret, 'utf16le').toString('base64')],
  [
    'quoted-printable',
    (secret) => secret.replace(/[^A-Za-z0-9]/g, (char) => `=${hex(char.charCodeAt(0)).toUpperCase()}`),
  ],
  ['quoted-printable in lines', (secret) => secret.replace(/(.{7})/g, '$1=\r\n')],
  ['rot13', (secret) => turned(secret)],
  ['base64 of rot13', (secret) => bytes(turned(secret)).toString('base64')],
  ['rot47', (secret) => each(secret, (code) => String.fromCharCode(code < 33 ? code : ((code - 33 + 47) % 94) + 33))],
  ['one per line', (secret) => [...secret].join('\n')],
  ['one per line, DOS', (secret) => [...secret].join('\r\n')],
  ['spaced out', (secret) => [...secret].join(' ')],
  ['with zero-width joiners', (secret) => utf8([...secret].join('\u200d'))],
  ['with zero-width spaces', (secret) => utf8([...secret].join('\u200b'))],
  ['with soft hyphens', (secret) => utf8([...secret].join('\u00ad'))],
  ['with no-break spaces', (secret) => utf8([...secret].join('\u00a0'))],
  ['with dashes', (secret) => [...secret].join('-')],
  ['a list of characters', (secret) => JSON.stringify([...secret])],
  ['put together from pieces', (secret) => secret.replace(/(.{5})/g, '$1" +\n  "')],
  [
    'xxd',
    (secret) => dump(secret, (line, at) => `${at.toString(16).padStart(8, '0')}: ${pairs(line).padEnd(39)}  ${line}`),
  ],
  ['xxd -p', (secret) => each(`0123456789${secret}`, hex).replace(/(.{60})/g, '$1\n')],
  [
    'hexdump -C',
    (secret) =>
      dump(secret, (line, at) => `${at.toString(16).padStart(8, '0')}  ${each(line, hex, ' ').padEnd(48)}  |${line}|`),
  ],
  ['hexdump', (secret) => dump(secret, (line, at) => `${at.toString(16).padStart(7, '0')} ${words(line, 16, 4)}`)],
  ['od', (secret) => dump(secret, (line, at) => `${at.toString(8).padStart(7, '0')} ${words(line, 8, 6)}`)],
  ['od -c', (secret) => dump(secret, (line, at) => `${at.toString(8).padStart(7, '0')}   ${[...line].join('   ')}`)],
  ['od -tx1', (secret) => dump(secret, (line, at) => `${at.toString(8).padStart(7, '0')} ${each(line, hex, ' ')}`)],
  ['uuencode', (secret) => uuencoded(`some words before it, ${secret}, and more words after it`)],
  ['ascii85', (secret) => ascii85(`ab${secret}cd`)],
  ['gzip', (secret) => zlib.gzipSync(bytes(`a=${secret}\n`)).toString('latin1')],
  ['gzip in base64', (secret) => zlib.gzipSync(bytes(`a=${secret}\n`)).toString('base64')],
  [
    'gzip in base64, in lines',
    (secret) =>
      zlib
        .gzipSync(bytes(`a=${secret}\n${words40}`))
        .toString('base64')
        .replace(/(.{76})/g, '$1\n'),
  ],
  ['zlib in base64', (secret) => zlib.deflateSync(bytes(`a=${secret}\n`)).toString('base64')],
]

/** Is so much of the disguise left in a row that twelve bytes of the secret can be read from it? */
export const isLeft = (text: string, disguise: string, secret: string): boolean => {
  const run = Math.min(disguise.length, Math.ceil((12 * disguise.length) / secret.length))
  for (let at = 0; at + run <= disguise.length; at++) if (text.includes(disguise.slice(at, at + run))) return true
  return false
}

const words40 = 'The quick brown fox jumps over the lazy dog, 0123456789 times. '.repeat(40)

const mixed = (secret: string, write: (code: number) => string): string =>
  [...bytes(secret)].map((code, at) => (at % 3 === 1 ? write(code) : String.fromCharCode(code))).join('')

const turned = (secret: string): string =>
  secret.replace(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + 13) % 26))
  })

const base32 = (secret: string): string => {
  const bits = each(secret, (code) => code.toString(2).padStart(8, '0'))
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

/** Lines of sixteen bytes; the secret stands across the end of one. */
const dump = (secret: string, line: (text: string, at: number) => string): string => {
  const text = `0123456789${secret}ab`
  const count = Math.ceil(text.length / 16)
  return Array.from({ length: count }, (_, n) => line(text.slice(n * 16, n * 16 + 16), n * 16)).join('\n')
}
const pairs = (line: string): string =>
  each(line, hex)
    .replace(/(.{4})/g, '$1 ')
    .trim()
const words = (line: string, base: number, digits: number): string =>
  Array.from({ length: Math.ceil(line.length / 2) }, (_, n) => {
    const [low = 0, high = 0] = bytes(line.slice(n * 2, n * 2 + 2))
    return (high * 256 + low).toString(base).padStart(digits, '0')
  }).join(' ')

const uuencoded = (text: string): string => {
  const char = (six: number): string => (six === 0 ? '`' : String.fromCharCode(six + 32))
  const rows = text.match(/[^]{1,45}/g) ?? []
  return rows
    .map((row) => {
      const all = bytes(row.padEnd(Math.ceil(row.length / 3) * 3, '\0'))
      let line = char(row.length)
      for (let at = 0; at < all.length; at += 3) {
        const number = all.readUIntBE(at, 3)
        line += [18, 12, 6, 0].map((shift) => char((number >> shift) & 63)).join('')
      }
      return line
    })
    .join('\n')
}

const ascii85 = (text: string): string => {
  const all = bytes(text.padEnd(Math.ceil(text.length / 4) * 4, '~'))
  let out = ''
  for (let at = 0; at < all.length; at += 4) {
    const number = all.readUInt32BE(at)
    for (const power of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1])
      out += String.fromCharCode(33 + (Math.floor(number / power) % 85))
  }
  return out
}
