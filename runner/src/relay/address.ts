/** Where is the socket of a runner's relay? */
import { relayPath } from '@viewportai/core/wire/relay'
import type { Pairing } from '../identity/pairing.ts'

/** The address of the socket, or null for polling. Without a separate relay the control plane is the relay. */
export const socketUrl = (server: string, { transport, relay }: Pick<Pairing, 'transport' | 'relay'>): string | null =>
  transport === 'polling' ? null : `${(relay ?? server).replace(/^http/, 'ws')}${relayPath}`
