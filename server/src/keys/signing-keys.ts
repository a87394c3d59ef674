/**
 * With which key does the control plane sign, and which of its keys are valid when?
 * Ed25519 (RFC 8037). One key signs at a time; a rotated one stays valid for what it signed. The private part is sealed
 * in the database with the installation's key; runners and packets know the public part by its RFC 7638 thumbprint.
 */
import { createPrivateKey, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto'
import { CompactSign, calculateJwkThumbprint } from 'jose'
import { successionType, type SuccessionClaims } from '@viewportai/core/wire/key-succession'
import { locks } from '../database/lock.ts'
import type { Database } from '../database/open.ts'
import type { Warn } from '../database/pool.ts'
import { seal, unseal } from './box.ts'
import { signingKeyPurpose } from './sealed.ts'

export type PublicKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}
/** A key with its window: milliseconds since 1970, `until` null while it signs. */
export type KnownKey = { readonly key: PublicKey; readonly from: number; readonly until: number | null }
export type SigningKeys = {
  /** The key that signs now. */
  readonly current: { readonly kid: string; readonly key: KeyObject; readonly public: PublicKey }
  /** Every key that ever signed, newest first. */
  readonly all: readonly KnownKey[]
  /** Each key but the first, signed for by the one before it, oldest first (compact JWS). */
  readonly successions: readonly string[]
  /** Ed25519 signature (64 bytes) of these bytes with the current key. */
  sign(bytes: Uint8Array): Buffer
}

type Row = {
  kid: string
  public: PublicKey
  sealed: string
  from_at: number
  until_at: number | null
  succession: string | null
}

/** Loads the keys; makes the first one. Throws when the installation's key does not open the private part. */
export const loadSigningKeys = async (db: Database, key: Uint8Array): Promise<SigningKeys> => {
  const rows = await read(db)
  if (rows.some((row) => row.until_at === null)) return keysFrom(rows, key)
  await make(db, key, undefined)
  return keysFrom(await read(db), key)
}

/** Makes a new key that signs from now on; the old one stays valid for what it signed before. Every replica with `liveSigningKeys` takes the new one at once. */
export const rotateSigningKey = async (db: Database, key: Uint8Array): Promise<SigningKeys> => {
  const before = (await read(db)).find((row) => row.until_at === null)
  await make(db, key, before)
  db.nudges.send({ workspace: '*', topic: 'key', id: '*' })
  return keysFrom(await read(db), key)
}

/** How long after a rotation the old key may still be used by a replica that has not heard of it yet, in milliseconds. */
export const rotationGrace = 60_000

/** A replica looks so often by itself whether another key signs: well within the grace, when the nudge was lost. */
const lookMillis = 20_000

/** The keys as they are now, for a program that runs long, until `close`: a rotation anywhere is followed. `warn` is told when that fails. */
export const liveSigningKeys = async (
  db: Database,
  key: Uint8Array,
  warn: Warn,
  everyMillis = lookMillis,
): Promise<SigningKeys & { close(): void }> => {
  let keys = await loadSigningKeys(db, key)
  let failing = false
  let closed = false
  const look = async (): Promise<void> => {
    try {
      const fresh = keysFrom(await read(db), key)
      failing = false
      if (closed) return
      if (fresh.current.kid !== keys.current.kid)
        warn('The control plane signs with another key now.', { kid: fresh.current.kid, before: keys.current.kid })
      keys = fresh
    } catch (error) {
      if (!failing && !closed)
        warn('The signing keys could not be read again; the ones known are used.', { error: (error as Error).message })
      failing = true
    }
  }
  // One look at a time: of two, the one that was asked first may be answered last, and would bring the old key back.
  let looking: 'no' | 'yes' | 'once more' = 'no'
  const soon = async (): Promise<void> => {
    if (looking !== 'no') return void (looking = 'once more')
    do {
      looking = 'yes'
      await look()
    } while ((looking as string) === 'once more' && !closed)
    looking = 'no'
  }
  const off = db.nudges.on(({ topic }) => {
    if (topic === 'key' || topic === 'resync') void soon()
  })
  const timer = setInterval(() => void soon(), everyMillis)
  timer.unref()
  return {
    get current() {
      return keys.current
    },
    get all() {
      return keys.all
    },
    get successions() {
      return keys.successions
    },
    sign: (bytes) => keys.sign(bytes),
    close() {
      closed = true
      clearInterval(timer)
      off()
    },
  }
}

const read = async (db: Database): Promise<Row[]> =>
  (
    await db.app.query<Row>(
      'select kid, public, sealed, from_at, until_at, succession from vp.keys order by from_at desc, kid',
    )
  ).rows

// `before`: what the caller saw, and nothing read later. Two replicas' first starts at once: the lock makes the second see the first
// one's key, which it must not take for the one to end. A rotation ends the current key in the same step.
const make = async (db: Database, key: Uint8Array, before: Row | undefined): Promise<void> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: x! })
  const jwk: PublicKey = { kty: 'OKP', crv: 'Ed25519', x: x!, kid, alg: 'EdDSA', use: 'sig' }
  const client = await db.app.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [locks.signingKey])
    const { rows } = await client.query<{ kid: string }>('select kid from vp.keys where until_at is null')
    if (rows[0]?.kid === before?.kid) {
      const { rows: clock } = await client.query<{ now: number }>('select vp.now_ms() as now')
      const now = clock[0]!.now
      await client.query('update vp.keys set until_at = $1 where until_at is null', [now + rotationGrace])
      const succession = before ? await vouch(openSecret(before, key), { next: jwk, at: now }) : null
      await client.query('insert into vp.keys (kid, public, sealed, from_at, succession) values ($1, $2, $3, $4, $5)', [
        kid,
        JSON.stringify(jwk),
        seal(key, signingKeyPurpose(kid), privateKey.export({ format: 'pem', type: 'pkcs8' }) as string),
        now,
        succession,
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

/** The key before says which one comes after it. */
const vouch = (secret: KeyObject, claims: SuccessionClaims): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: successionType })
    .sign(secret)

const openSecret = ({ kid, sealed }: Row, key: Uint8Array): KeyObject =>
  createPrivateKey(unseal(key, signingKeyPurpose(kid), sealed))

const keysFrom = (rows: Row[], key: Uint8Array): SigningKeys => {
  const now = rows.find((row) => row.until_at === null)
  if (!now)
    throw new Error('No signing key is in force: every key in vp.keys has ended. Restore the table from a backup.')
  const secret = openSecret(now, key)
  return {
    current: { kid: now.kid, key: secret, public: now.public },
    all: rows.map((row) => ({ key: row.public, from: row.from_at, until: row.until_at })),
    successions: rows.toReversed().flatMap((row) => row.succession ?? []),
    sign: (bytes) => signBytes(null, bytes, secret),
  }
}
