/**
 * `GET /api/stream`: server-sent events for one signed-in page.
 * `Last-Event-ID` is taken and ignored: whoever connects looks at everything once, so nothing needs to be remembered.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { StreamBeat } from '@viewportai/core/api/stream'
import { refuse } from '@viewportai/core/refusal'
import type { OwnAddress } from '../http/own-address.ts'
import { sendRefusal } from '../http/problem.ts'
import { foreignSite } from '../http/same-site.ts'
import type { Asker } from '../sign-in/asker.ts'
import { Streams } from './streams.ts'
import type { Nudges } from '../database/nudge.ts'

type StreamDoor = {
  readonly own: OwnAddress
  readonly asker: (request: FastifyRequest) => Promise<Asker | null>
  readonly nudges: Pick<Nudges, 'on'>
}

/** How often a silent stream says that it lives, and whether its reader may still read is asked anew. */
const beatMillis = 20_000

/** Adds the route. */
export const serveStream = (
  app: FastifyInstance,
  { own, asker, nudges }: StreamDoor,
  everyMillis = beatMillis,
): Streams => {
  const streams = new Streams(nudges)
  app.addHook('preClose', async () => streams.close())
  app.get('/api/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const foreign = foreignSite(own, request.headers, true)
    if (foreign) return sendRefusal(reply, foreign)
    const who = await asker(request)
    if (!who) return sendRefusal(reply, refuse('not_signed_in'))
    reply.hijack()
    const { raw } = reply
    // The page has left while it was looked up: its close was told already, and nothing would ever take it off the list.
    if (request.raw.socket.destroyed) return reply
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    // An event and not a comment: of comments a browser tells its page nothing, and a connection can die without a word.
    const alive = `event: beat\ndata: ${JSON.stringify({ everyMillis } satisfies z.infer<typeof StreamBeat>)}\n\n`
    raw.write(`retry: 1000\n\n${alive}`)
    raw.socket?.setNoDelay(true)
    streams.add({ workspace: who.workspace, person: who.person, response: raw })
    const beat = setInterval(() => {
      raw.write(alive)
      // Signed out, removed, or in another workspace now: the stream ends. A database that is away says nothing about that.
      asker(request).then(
        (still) => void (still?.workspace !== who.workspace && raw.end()),
        () => {},
      )
    }, everyMillis)
    raw.once('close', () => clearInterval(beat))
    return reply
  })
  return streams
}
