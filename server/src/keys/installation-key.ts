/**
 * Which key seals the secrets of this installation?
 * VIEWPORT_KEY, or the file `key` in the data folder, made at the first start (32 random bytes, readable by its owner only).
 * With DATABASE_URL every replica needs the same one.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

type InstallationKey = {
  readonly key: Buffer
  readonly from: 'environment' | 'file'
  readonly file: string | null
}

/** Reads or makes the key. Throws with words when it is too short, damaged, or readable by others. */
export const installationKey = (dataFolder: string, given: string | null): InstallationKey => {
  if (given !== null) return { key: parseKey(given, 'VIEWPORT_KEY'), from: 'environment', file: null }
  const file = path.join(dataFolder, 'key')
  return { key: readOrMake(file, dataFolder), from: 'file', file }
}

/** A new key as text, for VIEWPORT_KEY. */
export const newKeyText = (): string => randomBytes(32).toString('base64url')

/** A key from its text (base64 or hex); `where`: what the text is called when it is wrong. */
export const parseKey = (text: string, where: string): Buffer => {
  const clean = text.trim()
  const key = /^[0-9a-f]{64}$/i.test(clean) ? Buffer.from(clean, 'hex') : Buffer.from(clean, 'base64url')
  if (key.length !== 32)
    throw new Error(`${where} must be 32 random bytes as base64 or hex. Make one with "openssl rand -base64 32".`)
  if (new Set(key).size < 8) throw new Error(`${where} is not random. Make one with "openssl rand -base64 32".`)
  return key
}

const readOrMake = (file: string, dataFolder: string): Buffer => {
  const read = (): Buffer | null => {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found) return null
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
      throw new Error(`The key file ${file} can be read by others. Run "chmod 600 ${file}".`)
    return parseKey(readFileSync(file, 'utf8'), `The key file ${file}`)
  }
  const before = read()
  if (before) return before
  mkdirSync(dataFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 }) // root: the user who runs PostgreSQL passes through
  const fresh = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(fresh, `${newKeyText()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(fresh, file) // of two first starts one wins, and nobody ever reads half a key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
  return read()!
}
