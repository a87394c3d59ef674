/**
 * Which text do these bytes spell? (UTF-8, strictly)
 * It never repairs: a wrong byte is null, and a byte order mark stays a character.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'

// A standard of every place where this code runs (Node, browsers); the language's own library does not declare it.
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array): string }

/** The bytes of a text. A lone surrogate becomes U+FFFD: give well-formed text. */
export const bytesOf = (text: string): Uint8Array => utf8ToBytes(text)

/** The text of bytes, or null when they are not UTF-8. */
export const textOf = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The JSON value that bytes hold, or undefined when they hold none. */
export const jsonOf = (bytes: Uint8Array): unknown => {
  const text = textOf(bytes)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
