/**
 * What does the code behind every route work with?
 * Made once by program.ts and passed on; nothing here is global.
 */
import type { FastifyBaseLogger } from 'fastify'
import type { BodyPort } from './body-port.ts'
import type { Database } from './database/open.ts'
import type { Engine } from './engine/port.ts'
import type { OwnAddress } from './http/own-address.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { SigningKeys } from './keys/signing-keys.ts'

export type Context = {
  readonly db: Database
  /** The installation's key (32 bytes): it seals secrets in the database. */
  readonly key: Uint8Array
  readonly own: OwnAddress
  readonly bodies: BodyPort
  readonly signing: SigningKeys
  readonly engine: Engine
  /** The way to outside tools. */
  readonly outside: Outside
  readonly log: FastifyBaseLogger
  readonly version: string
}
