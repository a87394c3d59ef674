/** Has the client left before its answer was complete? */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Aborts when the connection closes before the answer was sent. */
export const leftSignal = (request: FastifyRequest, reply: FastifyReply): AbortSignal => {
  const left = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort()
  })
  if (request.raw.socket.destroyed) left.abort()
  return left.signal
}
