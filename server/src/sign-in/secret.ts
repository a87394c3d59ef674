/**
 * What do the secrets look like that people and programs show, and what of them is kept?
 * 256 random bits with a prefix that says what it is; the database holds the SHA-256 alone, so that a dump opens nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Prefixes: a one-time sign-in link, a session's cookie, an API token, the way back from GitHub. Scanners find leaked tokens by them. */
type SecretKind = 'vpl' | 'vps' | 'vpt' | 'vpg'

/** A fresh secret; show it once. */
export const freshSecret = (kind: SecretKind): string => `${kind}_${randomBytes(32).toString('base64url')}`

/** Can this be a secret of that kind at all? Saves the database the nonsense. */
export const looksLike = (kind: SecretKind, text: string): boolean =>
  text.length === kind.length + 44 && text.startsWith(`${kind}_`) && /^[\w-]+$/.test(text)

/** What is stored and looked up. The input has 256 random bits, so a plain hash is enough and its comparison by an index leaks nothing of use. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Are two texts the same, in a time that does not tell how much of them is? */
export const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
