/** Which key is this runner? Made here, kept here; only the public part ever leaves. */
import { chmod, readFile, stat } from 'node:fs/promises'
import { exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose'
import { z } from 'zod'
import { keyThumbprint, keyWords } from '@viewportai/core/wire/key-words'
import { PublicJwk } from '@viewportai/core/wire/messages'
import { writeDurably } from '../disk/durable.ts'

/** A runner's own Ed25519 key. `id` is its RFC 7638 thumbprint; `secret` is the private part's text, for redaction only. */
export type OwnKey = {
  readonly public: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  readonly id: string
  readonly words: [string, string, string]
  readonly secret: string
  readonly sign: CryptoKey
}

const StoredKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string().min(40),
})

/** Makes a key and writes it to `file` (mode 0600). */
export const makeKey = async (file: string): Promise<OwnKey> => {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { kty, crv, x, d } = await exportJWK(privateKey)
  await writeDurably(file, `${JSON.stringify(StoredKey.parse({ kty, crv, x, d }))}\n`, 0o600)
  return readKey(file)
}

/** Reads a key. Throws with the reason when it is missing, not a key, or readable by others and cannot be closed. */
export const readKey = async (file: string): Promise<OwnKey> => {
  const found = await stat(file)
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') await chmod(file, 0o600)
  const stored = StoredKey.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!stored.success) throw new Error(`${file} does not hold an Ed25519 key. Pair this runner again.`)
  const { kty, crv, x, d } = stored.data
  const shared = { kty, crv, x }
  PublicJwk.parse(shared)
  const sign = await importJWK({ ...shared, d }, 'EdDSA')
  if (sign instanceof Uint8Array) throw new Error(`${file} holds a symmetric key. Pair this runner again.`)
  return { public: shared, id: keyThumbprint(shared), words: keyWords(shared), secret: d, sign }
}
