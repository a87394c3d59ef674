/**
 * Which keys of the control plane are to be believed, beside those that were pinned?
 * A key that a believed one has signed for is believed too, and so on: a control plane that changes its key need not be paired
 * with again. Nothing else makes a key believed.
 */
import { compactVerify, importJWK } from 'jose'
import { SuccessionClaims, successionType } from '@viewportai/core/wire/key-succession'
import type { Pairing } from './pairing.ts'

type Keys = Pairing['serverKeys']

/** The pinned keys and all that they vouch for, in any order of `successions`. What is not vouched for is left out. */
export const withSuccessors = async (pinned: Keys, successions: readonly string[]): Promise<Keys> => {
  const keys = [...pinned]
  const open = new Set(successions)
  for (let grown = true; grown;) {
    grown = false
    for (const succession of open) {
      const next = await vouchedFor(keys, succession)
      if (next === null) continue
      open.delete(succession)
      grown = true
      if (!keys.some((key) => key.x === next.x)) keys.push(next)
    }
  }
  return keys
}

const vouchedFor = async (keys: Keys, succession: string): Promise<Keys[number] | null> => {
  for (const { kty, crv, x } of keys) {
    const key = await importJWK({ kty, crv, x }, 'EdDSA')
    const read = await compactVerify(succession, key, { algorithms: ['EdDSA'] }).catch(() => null)
    if (read?.protectedHeader.typ !== successionType) continue
    const claims = SuccessionClaims.safeParse(readJson(read.payload))
    if (claims.success) return claims.data.next
  }
  return null
}

const readJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
