/**
 * Whose public key is this, since when and until when?
 * Ed25519 keys as JWK (RFC 8037) and as PEM (RFC 8410). A key's id is its thumbprint, so an id cannot be borrowed. It never holds a private key.
 */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { fromBase64url, toBase64url } from '../wire/base64url.ts'
import { keyThumbprint } from '../wire/key-words.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { isoTime } from './time.ts'

/** Who signs with a key: the control plane, or one runner. */
export const KeyOwner = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('control-plane') }),
  z.strictObject({ kind: z.literal('runner'), id: z.string().max(80), name: z.string().max(200) }),
])
export type KeyOwner = z.infer<typeof KeyOwner>

/** A key of a packet. Signatures count from `notBefore` to `notAfter` (null: no end known at export), in ms. */
export const PacketKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  use: z.literal('sig'),
  kid: z.string(),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  owner: KeyOwner,
  notBefore: Millis,
  notAfter: Millis.nullable(),
})
export type PacketKey = z.infer<typeof PacketKey>
/** `keys.json`: a JWK set. */
export const PacketKeys = z.strictObject({ keys: z.array(PacketKey).min(1).max(1_000) })

/** A packet's key from its 32 bytes. */
export const packetKey = (
  raw: Uint8Array,
  owner: KeyOwner,
  notBefore: number,
  notAfter: number | null = null,
): PacketKey => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(raw) } as const
  return { ...jwk, use: 'sig', kid: keyThumbprint(jwk), owner, notBefore, notAfter }
}

/** The 32 bytes of a JWK's `x`, or null. */
export const rawKey = (x: string): Uint8Array | null => {
  const raw = fromBase64url(x)
  return raw?.length === 32 ? raw : null
}

/** Does the key's id belong to its bytes? */
export const kidFits = (key: { kid: string; x: string }): boolean =>
  rawKey(key.x) !== null && key.kid === keyThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key.x })

/** Did the key count at this time (ms)? */
export const inWindow = (key: { notBefore?: number | null; notAfter?: number | null }, at: number): boolean =>
  at >= (key.notBefore ?? 0) && at <= (key.notAfter ?? Number.POSITIVE_INFINITY)

/** When a key counts, in words. */
export const keyWindowWords = ({
  notBefore,
  notAfter,
}: {
  notBefore?: number | null
  notAfter?: number | null
}): string => `from ${isoTime(notBefore ?? 0)} ${typeof notAfter === 'number' ? `until ${isoTime(notAfter)}` : 'on'}`

// SubjectPublicKeyInfo of an Ed25519 key: the same twelve bytes before every key (RFC 8410 section 4).
const spkiStart = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/** The PEM text of a public key, as `openssl pkey -pubout` writes it. */
export const pemOf = (raw: Uint8Array): string =>
  `-----BEGIN PUBLIC KEY-----\n${toBase64(Uint8Array.from([...spkiStart, ...raw]))}\n-----END PUBLIC KEY-----\n`

/** The 32 bytes of a PEM public key, or null when it is not one Ed25519 public key. */
export const rawOfPem = (pem: string): Uint8Array | null => {
  const der = fromBase64(
    /^-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----\s*$/.exec(pem)?.[1]?.replace(/\s/g, '') ?? '-',
  )
  return der?.length === 44 && spkiStart.every((byte, at) => der[at] === byte) ? der.slice(12) : null
}
