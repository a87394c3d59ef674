/**
 * Which bytes does a signature over a statement cover? (DSSE, https://github.com/secure-systems-lab/dsse, protocol v1)
 * Envelopes here have exactly one signature and exactly one written form. It never decides whom to trust.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { fromBase64, toBase64 } from './base64.ts'
import { bytesOf, jsonOf } from './utf8.ts'

/** The pre-authentication encoding: what is signed. */
export const pae = (type: string, payload: Uint8Array): Uint8Array =>
  concatBytes(bytesOf(`DSSEv1 ${bytesOf(type).length} ${type} ${payload.length} `), payload)

/** Something that signs with one Ed25519 key; `kid` is its RFC 7638 thumbprint. The private key stays with the caller. */
export type Signer = {
  readonly kid: string
  /** The 64-byte Ed25519 signature over these bytes. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Is this a signature over these bytes by this key (32 bytes)? */
export type SignatureCheck = (signature: Uint8Array, bytes: Uint8Array, key: Uint8Array) => boolean

/** The strict check of RFC 8032 (no ZIP 215 leniency, no small-order keys). */
export const checkEd25519: SignatureCheck = (signature, bytes, key) => {
  if (signature.length !== 64 || key.length !== 32) return false
  try {
    return ed25519.verify(signature, bytes, key, { zip215: false })
  } catch {
    return false // a point that is none
  }
}

/** An opened envelope. */
export type Envelope = { type: string; payload: Uint8Array; kid: string; signature: Uint8Array }

/** The one written form of an envelope. */
export const envelopeBytes = ({ type, payload, kid, signature }: Envelope): Uint8Array =>
  bytesOf(
    `${JSON.stringify({ payloadType: type, payload: toBase64(payload), signatures: [{ keyid: kid, sig: toBase64(signature) }] }, null, 1)}\n`,
  )

const Written = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
})

/** Opens an envelope; null when the bytes are not exactly what `envelopeBytes` writes. */
export const readEnvelope = (bytes: Uint8Array): Envelope | null => {
  const written = Written.safeParse(jsonOf(bytes))
  if (!written.success) return null
  const [{ keyid: kid, sig }] = written.data.signatures
  const payload = fromBase64(written.data.payload)
  const signature = fromBase64(sig)
  if (!payload || signature?.length !== 64) return null
  const envelope = { type: written.data.payloadType, payload, kid, signature }
  return sameBytes(envelopeBytes(envelope), bytes) ? envelope : null
}

/** Are these the same bytes? Public values only: it stops at the first difference. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
