/**
 * How is the body of a request read?
 * Into one buffer, up to what its route takes, whatever the pieces it comes in: the framework keeps a list of them, and five megabytes in pieces of one byte
 * are two gigabytes there. The server ends a request that is not whole in time (`requestTimeout` of http/app.ts).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '@viewportai/core/refusal'
import { gathering } from '@viewportai/core/wire/gather'
import { roomOf } from './body-room.ts'
import { Refused } from './problem.ts'
import { readStrictJson } from './strict-json.ts'

/** How bodies of some media types become what their route is given. */
export type BodyForm = {
  readonly media: readonly string[]
  /** Bytes at most; a route may take less (`bodyMost`). */
  readonly limit: number
  /** Throws a Refused for what is not taken. */
  read(body: Buffer): unknown
}

/** Lets the routes of this app take bodies of this form, beside those that were added before. */
export const takeBodies = (app: FastifyInstance, { media, limit, read }: BodyForm): void => {
  app.addContentTypeParser([...media], (request: FastifyRequest, payload: NodeJS.ReadableStream) =>
    readBody(request, payload, Math.min(limit, mostOf(request) ?? limit)).then(read),
  )
}

const mostOf = ({ is404, routeOptions }: FastifyRequest): number | undefined =>
  is404 ? strangersBody : routeOptions.config.bodyMost

/**
 * May its body be more than fits beside thousands of others? Then who sends it is asked before it is read. What is small comes with its head,
 * and is read with it.
 */
export const bringsMuch = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > strangersBody / 4

/** Bytes of a body that anybody may send, at most. */
export const strangersBody = 65_536

/** The value of a JSON body. Throws a Refused for one that not everybody reads in the same way. */
export const strictJsonIn = (body: Buffer): unknown => {
  const read = readStrictJson(body.toString('utf8'))
  if (read.ok) return read.value
  throw new Refused(refuse('invalid', { where: 'body', why: read.why }))
}

/** The bytes. Rejects with a Refused for too many, and with the error of the connection when it ends before. */
const readBody = (request: FastifyRequest, payload: NodeJS.ReadableStream, most: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const tooLarge = (): Refused => new Refused(refuse('too_large', { limit: most }))
    if (Number(request.headers['content-length']) > most) return reject(tooLarge())
    const gathered = gathering(most)
    const place = roomOf(request.server.server).enter(() => request.raw.destroy())
    const settle = (end: () => void): void => {
      payload.off('data', take).off('end', ended).off('error', failed)
      place.leave()
      end()
    }
    const take = (piece: Buffer): void => {
      if (!gathered.take(piece)) settle(() => reject(tooLarge()))
      else place.add(piece.length)
    }
    const ended = (): void => {
      const { buffer, byteOffset, length } = gathered.whole()
      settle(() => resolve(Buffer.from(buffer, byteOffset, length)))
    }
    const failed = (error: Error): void => settle(() => reject(error))
    payload.on('data', take).on('end', ended).on('error', failed)
  })

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bytes of a body of this route at most, where that is less than its form takes. */
    bodyMost?: number
  }
}
