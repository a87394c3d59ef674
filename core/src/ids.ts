/**
 * What does an id look like, and is this text one?
 * Ids carry a prefix that names the thing. This file never makes randomness: the caller passes bytes in.
 */
import { z } from 'zod'
import { metadata } from './wire/level.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford base 32, lower case: no i, l, o, u

/** Prefixes of every thing that has an id. */
const prefixes = [
  'ws',
  'usr',
  'team',
  'wf',
  'wfv',
  'run',
  'gate',
  'int',
  'dlv',
  'src',
  'con',
  'app',
  'rnr',
  'pair',
  'lease',
  'ord',
  'repo',
  'chg',
  'tok',
  'xfer',
  'err',
  'look',
] as const
export type Prefix = (typeof prefixes)[number]

/** Makes an id from 13 random bytes (104 bits, 20 characters kept). Throws when fewer bytes are given. */
export const idFrom = (prefix: Prefix, random: Uint8Array): string => {
  if (random.length < 13) throw new RangeError('an id needs 13 random bytes')
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of random.subarray(0, 13)) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
      held &= (1 << bits) - 1
    }
  }
  return `${prefix}_${text}`
}

/** A schema for ids of one prefix. Ids made inside a run (gates, intents) append `-N` to the run's random part. */
export const idOf = (prefix: Prefix) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{1,26}(-[0-9]{1,6})?$`), `expected an id like ${prefix}_…`)

/** The id of the n-th gate, intent or change of a run: deterministic, so that deciding stays pure. */
export const idWithin = (prefix: Prefix, run: string, n: number): string =>
  `${prefix}_${run.slice(run.indexOf('_') + 1)}-${n}`

/** 64 lower-case hex digits: a SHA-256. */
export const Sha256 = metadata(z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits (sha256)'))
/** A git object id: SHA-1 or SHA-256. */
export const GitId = metadata(z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'expected a git object id'))
/** Milliseconds since 1970 in UTC, by the control plane's clock. */
export const Millis = z.int().nonnegative()
