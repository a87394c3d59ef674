/**
 * What are the exact bytes of a JSON value, whoever writes it? (RFC 8785, JSON Canonicalization Scheme)
 * Used for content digests only; signatures and the chain of facts sign exact stored bytes instead.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** The RFC 8785 text of a JSON value. Throws on what JSON cannot hold: NaN, infinities, lone surrogates, functions, undefined in an array. */
export const canonical = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that JSON cannot hold')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a text with a lone surrogate')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1)) // UTF-16 code units, as RFC 8785 3.2.3 asks
    return `{${entries.map(([k, v]) => `${canonical(k)}:${canonical(v)}`).join(',')}}`
  }
  throw new TypeError(`a ${typeof value} is not JSON`)
}

/** Hex SHA-256 of bytes, or of a text's UTF-8. */
export const sha256Hex = (input: Uint8Array | string): string =>
  bytesToHex(sha256(typeof input === 'string' ? utf8ToBytes(input) : input))

/** Hex SHA-256 of the canonical text of a value. */
export const digestOf = (value: unknown): string => sha256Hex(canonical(value))
