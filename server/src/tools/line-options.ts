/** What does keeping lines to outside tools need? */
import type { FastifyBaseLogger } from 'fastify'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Database } from '../database/open.ts'
import type { DeliveryStore } from '../deliveries/store.ts'

/** `near`: hosts of the own network that may be reached; `address`: where people reach this Viewport. */
export type LineOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  readonly near: readonly string[]
  readonly store: DeliveryStore
  readonly address: () => string
  readonly log: FastifyBaseLogger
  /** Without a sign of life for so long (ms) a line is taken for dead. */
  readonly silentMillis?: number
  /** The first pause (ms) before a line that ended is opened anew; it doubles up to a minute. */
  readonly pauseMillis?: number
}
