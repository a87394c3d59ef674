/**
 * Which keys does a packet bring, and which of them may speak for whom at what time?
 * A key is never believed for being in the packet: only the keys that the verifier was given make a signer known.
 */
import { inWindow, kidFits, keyWindowWords, PacketKeys, pemOf, rawKey, type PacketKey } from './keys.ts'
import { sameBytes } from './dsse.ts'
import { keyName, keysFile, pemFile } from './names.ts'
import { isoTime } from './time.ts'
import { bytesOf, jsonOf } from './utf8.ts'
import { fault, type Fault, type PublicKey } from './verdict.ts'

/** A key with which a signature can be checked. `owner` null: given, but not in the packet. */
export type KnownKey = { kid: string; raw: Uint8Array; key: PacketKey | null; given: PublicKey | null }
export type Keys = { known: ReadonlyMap<string, KnownKey>; faults: Fault[]; count: number }

/** Reads keys.json and the PEM files beside it. */
export const readKeys = (files: ReadonlyMap<string, Uint8Array>, given: readonly PublicKey[]): Keys => {
  const known = new Map<string, KnownKey>(
    given.map((key) => [key.kid, { kid: key.kid, raw: key.raw, key: null, given: key }]),
  )
  const bytes = files.get(keysFile)
  if (!bytes) return { known, faults: [fault('missing_file', keysFile, 'The packet has no keys.')], count: 0 }
  const read = PacketKeys.safeParse(jsonOf(bytes))
  if (!read.success) return { known, faults: [fault('malformed', keysFile, 'It is no set of keys.')], count: 0 }
  const faults: Fault[] = []
  const seen = new Set<string>()
  for (const key of read.data.keys) {
    if (!kidFits(key))
      faults.push(fault('wrong_key', keysFile, 'The id of the key does not belong to its bytes.', `key ${key.kid}`))
    else if (seen.has(key.kid))
      faults.push(fault('malformed', keysFile, 'The key stands there twice.', `key ${key.kid}`))
    else known.set(key.kid, { kid: key.kid, raw: rawKey(key.x)!, key, given: known.get(key.kid)?.given ?? null })
    seen.add(key.kid)
    const pem = files.get(pemFile(keyName(key)))
    const raw = rawKey(key.x)
    if (!pem)
      faults.push(fault('missing_file', pemFile(keyName(key)), 'The key is not there as PEM.', `key ${key.kid}`))
    else if (raw && !sameBytes(pem, bytesOf(pemOf(raw))))
      faults.push(
        fault('wrong_key', pemFile(keyName(key)), 'The PEM file is not the key of keys.json.', `key ${key.kid}`),
      )
  }
  return { known, faults, count: read.data.keys.length }
}

/** Why a key may not have signed at this time, or null. Both windows count: the packet's and the one that was given. */
export const outsideWindow = ({ key, given }: KnownKey, at: number): string | null => {
  const window = [key, given].find((one) => one && !inWindow(one, at))
  return window ? `It was used at ${isoTime(at)}; it counts ${keyWindowWords(window)}.` : null
}
