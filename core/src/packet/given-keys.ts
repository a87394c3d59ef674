/**
 * Which public keys did the verifier give?
 * Reads PEM, a JWK, a JWK set (also a packet's keys.json), one or several. It never accepts a private key, and says so without repeating it.
 */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { keyThumbprint } from '../wire/key-words.ts'
import { toBase64url } from '../wire/base64url.ts'
import { rawKey, rawOfPem } from './keys.ts'
import type { PublicKey } from './verdict.ts'

/** A public key as JWK. Other members (kid, use, owner) say nothing here: the id is computed. Times in ms, as in keys.json. */
const Given = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  notBefore: Millis.nullish(),
  notAfter: Millis.nullish(),
})
const Shapes = z.union([z.strictObject({ keys: z.array(Given).min(1) }), Given])

/** Keys of a text, or why it holds none (a clause: "the key …"). */
export type GivenKeys = { keys: PublicKey[] } | { problem: string }

/** Reads the text of a key: PEM blocks, or JSON of a JWK or a JWK set. */
export const readGivenKeys = (text: string): GivenKeys => {
  const trimmed = text.trim()
  if (/PRIVATE KEY|"d"\s*:/.test(trimmed)) return { problem: 'is a private key; give the public one' }
  if (trimmed.startsWith('{')) return fromJson(trimmed)
  const blocks = trimmed.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g) ?? []
  if (blocks.length === 0) return { problem: 'is neither PEM nor a JWK' }
  const keys: PublicKey[] = []
  for (const block of blocks) {
    const raw = rawOfPem(block)
    if (!raw) return { problem: 'is PEM, but not of an Ed25519 public key' }
    keys.push(keyOf(raw))
  }
  return { keys }
}

const fromJson = (text: string): GivenKeys => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'begins like JSON and is none' }
  }
  const read = Shapes.safeParse(value)
  if (!read.success) return { problem: 'is JSON, but not an Ed25519 public key (kty OKP, crv Ed25519, x)' }
  const jwks =
    'keys' in read.data && Array.isArray(read.data.keys) ? read.data.keys : [read.data as z.infer<typeof Given>]
  const keys: PublicKey[] = []
  for (const { x, notBefore, notAfter } of jwks) {
    const raw = rawKey(x)
    if (!raw) return { problem: 'is a JWK whose x is not 32 bytes' }
    keys.push({ ...keyOf(raw), notBefore: notBefore ?? null, notAfter: notAfter ?? null })
  }
  return { keys }
}

const keyOf = (raw: Uint8Array): PublicKey => ({
  raw,
  kid: keyThumbprint({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(raw) }),
})
