// How may a secret be written so that a plain search does not find it, and where does one of these stand?
import { deflateSync, gzipSync } from 'node:zlib'

/** A name, and the secret written so: latin1, one character per byte. */
export type Form = { name: string; text: string }

/** Thirty forms of a secret. What vpd looks for is written elsewhere and by somebody else. */
export function formsOf(secret: string): Form[] {
  const raw = Buffer.from(secret)
  const codes = [...raw]
  const backwards = [...secret].toReversed().join('')
  const b64 = raw.toString('base64')
  const hex = raw.toString('hex')
  const of = (write: (code: number) => string, between = ''): string => codes.map(write).join(between)
  const two = (code: number): string => code.toString(16).padStart(2, '0')
  const wide = Buffer.from(secret, 'utf16le')
  const forms: Record<string, string> = {
    'as it is': secret,
    backwards,
    'in capitals': secret.toUpperCase(),
    'its end missing': secret.slice(0, -4),
    base64: b64,
    'base64 for addresses': raw.toString('base64url'),
    'base64 behind one byte': Buffer.from(`:${secret}`).toString('base64'),
    'base64 behind two bytes': Buffer.from(`=>${secret}`).toString('base64'),
    'base64 of base64': Buffer.from(b64).toString('base64'),
    'base64 backwards': [...b64].toReversed().join(''),
    'base64 of it backwards': Buffer.from(backwards).toString('base64'),
    'base64 of utf-16': wide.toString('base64'),
    'base64 in lines of 16': b64.replace(/(.{16})/g, '$1\n'),
    hex,
    'hex in capitals': hex.toUpperCase(),
    'hex with colons': of(two, ':'),
    'hex as bytes of C': of((code) => `0x${two(code)}`, ', '),
    'hex of base64': Buffer.from(b64).toString('hex'),
    percent: of((code) => `%${two(code)}`),
    'JSON escapes': of((code) => `\\u00${two(code)}`),
    'backslash x': of((code) => `\\x${two(code)}`),
    octal: of((code) => `\\${code.toString(8).padStart(3, '0')}`),
    decimal: of(String, ' '),
    binary: of((code) => code.toString(2).padStart(8, '0'), ' '),
    entities: of((code) => `&#${code};`),
    'utf-16': wide.toString('latin1'),
    'one per line': [...secret].join('\n'),
    'with dashes': [...secret].join('-'),
    rot13: secret.replace(/[a-z]/gi, (one) =>
      String.fromCharCode(one.charCodeAt(0) + (one.toLowerCase() < 'n' ? 13 : -13)),
    ),
    'gzip in base64': gzipSync(`key=${secret}\n`).toString('base64'),
    'deflate in base64': deflateSync(`key=${secret}\n`).toString('base64'),
  }
  return Object.entries(forms).map(([name, text]) => ({ name, text }))
}

/**
 * The names of the forms that stand in some bytes, also where these are JSON text or the hexadecimal digits that a database writes of bytes.
 * Of a form twelve characters of the secret in a row are enough (nine from every fourth place on find them); packed ones must be there whole.
 */
export function formsIn(bytes: Buffer, forms: readonly Form[], secretLength: number): string[] {
  const text = bytes.toString('latin1')
  const stands = ({ name, text: form }: Form): boolean => {
    const perCharacter = form.length / secretLength
    const packed = name.endsWith('in base64')
    const [long, step] = packed ? [form.length, 1] : [Math.ceil(9 * perCharacter), Math.floor(4 * perCharacter)]
    for (let at = 0; at + long <= form.length; at += step) {
      const part = form.slice(at, at + long)
      const written = [part, JSON.stringify(part).slice(1, -1), Buffer.from(part, 'latin1').toString('hex')]
      if (written.some((one) => text.includes(one))) return true
    }
    return false
  }
  return forms.filter(stands).map(({ name }) => name)
}
