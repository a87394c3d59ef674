/** What do the wire's routes need from the rest of the control plane? */
import type { FastifyBaseLogger } from 'fastify'
import type { JWK } from 'jose'
import type { Database } from '../database/open.ts'
import type { Stuck } from '../stuck.ts'

/** The control plane's signing keys as the wire uses them. */
export type WireKeys = {
  /** Public keys that runners pin, the current one first. */
  publicKeys(): JWK[]
  /** How the key was changed, oldest first: each new key signed for by the one before. */
  successions(): readonly string[]
  /** A compact JWS (EdDSA, current key, `kid` in the header) over JSON claims with this `typ`. */
  sign(claims: Record<string, unknown>, typ: string): Promise<string>
}

export type WireContext = {
  readonly db: Database
  /** Remembers what cannot be worked on. */
  readonly stuck: Stuck
  readonly keys: WireKeys
  /** Where people open the web app, e.g. https://viewport.acme.dev: the pairing page and the issuer of tokens. */
  readonly publicUrl: string
  /** Where runners reach this very replica; transfers of bodies go there. The public URL with one replica. */
  readonly replicaUrl: string
  readonly leaseSeconds: number
  readonly beatSeconds: number
  /** How long a reviewer waits for a runner's first byte, in milliseconds. */
  readonly bodyMillis: number
  /** How long one request of a runner may carry bytes, in milliseconds; the rest is asked for anew. */
  readonly pieceMillis: number
  readonly log: FastifyBaseLogger
}

/** A runner that has proved who it is for this request. */
export type KnownRunner = {
  readonly workspace: string
  readonly runner: string
  readonly key: JWK
  readonly thumbprint: string
  readonly pool: string
  /** Which start of the program is calling. */
  readonly instance: string
  /** Was it another one that said hello last? */
  readonly overtaken: boolean
  /** How this request came. */
  readonly transport: 'polling' | 'relay'
}
