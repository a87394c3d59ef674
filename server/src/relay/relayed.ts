/**
 * Which runner's relay does a request come by?
 * A stream of a relay stands for a connection; the runner that proved itself on the relay is noted beside it.
 */
import type { Duplex } from 'node:stream'
import type { FastifyRequest } from 'fastify'

const runners = new WeakMap<object, string>()

/** Notes that what comes on this connection comes by the relay of a runner. */
export const noteRelayed = (connection: Duplex, runner: string): void => void runners.set(connection, runner)

/** The runner on whose relay a request came; null: it came straight here. */
export const relayOf = ({ raw }: Pick<FastifyRequest, 'raw'>): string | null => runners.get(raw.socket) ?? null
