/**
 * What do all requests go through?
 * Limits, headers, own host, strict JSON; and one door for every error: a refusal with its words, a fault with none of ours.
 */
import cookie from '@fastify/cookie'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { roomOf } from './body-room.ts'
import { addHeaders } from './headers.ts'
import type { OwnAddress } from './own-address.ts'
import { z } from 'zod'
import { faultProblem, invalidRequest, problemOf, Refused, sendProblem, sendRefusal } from './problem.ts'
import { foreignHost } from './same-site.ts'
import { strictJsonIn, takeBodies } from './read-body.ts'

/** Bytes of a JSON body at most; routes that take other things say so themselves. */
const jsonLimit = 1_048_576

/** The server without its routes. `bodiesAtOnce`: bytes that all bodies may hold together while they are read. */
export const makeApp = async (
  own: OwnAddress,
  log: FastifyBaseLogger,
  bodiesAtOnce?: number,
): Promise<FastifyInstance> => {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 300 },
    requestTimeout: 120_000, // for receiving a request; answers may stream longer
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
    return503OnClosing: true,
    // A path that cannot be decoded never reaches a route.
    frameworkErrors: (error, _request, reply) =>
      void sendRefusal(
        reply,
        refuse('invalid', {
          where: 'path',
          why: error.code === 'FST_ERR_BAD_URL' ? 'it cannot be decoded' : 'it is not taken',
        }),
      ),
  })
  roomOf(app.server, bodiesAtOnce)
  await app.register(cookie)
  addHeaders(app, own.secure)
  app.addHook('onRequest', async (request, reply) => {
    const foreign = foreignHost(own, request.headers, request.url.split('?')[0]!)
    if (foreign) return sendRefusal(reply, foreign)
    return undefined
  })
  app.removeAllContentTypeParsers()
  takeBodies(app, {
    media: ['application/json'],
    limit: jsonLimit,
    read: (body) => (body.length === 0 ? undefined : strictJsonIn(body)),
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    // No fault, and nobody may fill the log with it.
    if (hungUp(error, request)) return reply.raw.destroy()
    const refusal = refusalIn(error, request)
    if (refusal && !reply.raw.headersSent)
      return sendProblem(reply, problemOf(refusal, error instanceof Refused ? error.errors : []))
    request.log.error(
      { err: error, method: request.method, route: request.routeOptions.url, request: request.id },
      'A request failed.',
    )
    if (reply.raw.headersSent) return reply.raw.destroy() // half an answer must not look whole
    return sendProblem(reply, faultProblem(request.id))
  })
  return app
}

/** Did the client leave before its request was complete? */
const hungUp = (error: FastifyError, { raw }: FastifyRequest): boolean =>
  !raw.complete && (raw.destroyed || error.code === 'ECONNRESET')

/** The refusal an error stands for; null for a fault. */
const refusalIn = (error: FastifyError, { url }: FastifyRequest): Refusal | null => {
  if (error instanceof Refused) return error.refusal
  // The wire reads its messages itself. Elsewhere a schema that fails inside is our own fault.
  if (error instanceof z.ZodError && url.startsWith('/wire/'))
    return invalidRequest([{ part: 'message', error }]).refusal
  if (error instanceof SyntaxError && error.statusCode === 400)
    return refuse('invalid', { where: 'body', why: 'it is not JSON' })
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('media_refused', { found: 'this content type', expected: 'application/json' })
    default:
      return null
  }
}
