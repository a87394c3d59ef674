/**
 * How are bytes written in envelopes and PEM files? (RFC 4648 section 4, with padding)
 * One value has one text: it never accepts white space, missing padding or set unused bits.
 */
import { fromBase64url, toBase64url } from '../wire/base64url.ts'

/** The base64 text of bytes. */
export const toBase64 = (bytes: Uint8Array): string => {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** The bytes of a base64 text, or null when it is not one. */
export const fromBase64 = (text: string): Uint8Array | null => {
  if (text.length % 4 !== 0 || /[-_]/.test(text)) return null
  return fromBase64url(
    text
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
}
