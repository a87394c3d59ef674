/**
 * How are secrets kept in the database so that a copy of the database alone tells nothing?
 * AES-256-GCM with the installation's key, the purpose bound to it as additional data: a sealed webhook secret does not open
 * as a signing key. Form: `v1.` + base64url(nonce 12 bytes | ciphertext | tag 16 bytes).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Seals text. `purpose` names what it is and whose, e.g. `source src_x`. `key`: 32 bytes. */
export const seal = (key: Uint8Array, purpose: string, text: string): string => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `v1.${sealed.toString('base64url')}`
}

/** Opens what `seal` made. Throws when the key, the purpose or a byte is another one. */
export const unseal = (key: Uint8Array, purpose: string, sealed: string): string => {
  const bytes = Buffer.from(sealed.startsWith('v1.') ? sealed.slice(3) : '', 'base64url')
  if (bytes.length < 28) throw new Error(`The sealed ${purpose} is damaged.`)
  const open = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(-16))
  try {
    return Buffer.concat([open.update(bytes.subarray(12, -16)), open.final()]).toString('utf8')
  } catch (cause) {
    throw new Error(`The sealed ${purpose} does not open with this installation's key.`, { cause })
  }
}
