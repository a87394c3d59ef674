/**
 * Which three words does a person compare to see that two places mean the same public key?
 * It never decides that a key is trusted: a person who sees the same words twice does.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from './base64url.ts'
import { words } from './words.ts'

type Ed25519Jwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

/** The SHA-256 thumbprint of an Ed25519 public key, base64url (RFC 7638, members as in RFC 8037 section 2). */
export const keyThumbprint = (jwk: Ed25519Jwk): string => toBase64url(sha256(utf8ToBytes(thumbprintText(jwk))))

/**
 * Three words for a key: SHA-256 over the thumbprint's text, read as three 16-bit big-endian numbers modulo the list.
 * 27 bits: enough for two people to notice a mix-up; the short life and single use of the code do the rest.
 */
export const keyWords = (jwk: Ed25519Jwk): [string, string, string] => {
  const digest = sha256(utf8ToBytes(keyThumbprint(jwk)))
  const word = (at: number) => words[((digest[at]! << 8) | digest[at + 1]!) % words.length]!
  return [word(0), word(2), word(4)]
}

const thumbprintText = (jwk: Ed25519Jwk): string => JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x })
