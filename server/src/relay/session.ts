/**
 * What happens on one socket of a runner?
 * TLS 1.3, then HTTP/2: both ends prove who they are, and from then on every stream is a connection that is handed to the same
 * HTTP server as all others. Nothing is carried before the proof, and who is silent is not waited for.
 */
import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { TLSSocket, type SecureContext } from 'node:tls'
import { createWebSocketStream, type WebSocket } from 'ws'
import { problemMedia } from '@viewportai/core/api/problem'
import { isRefusal, refuse } from '@viewportai/core/refusal'
import { gathering } from '@viewportai/core/wire/gather'
import { relayBinding, relayLimits, relayPath } from '@viewportai/core/wire/relay'
import { problemOf } from '../http/problem.ts'
import type { WireContext } from '../wire/context.ts'
import { connectionOn } from './connection.ts'
import { enteredBy, offerOf } from './prove.ts'

const { NGHTTP2_REFUSED_STREAM } = http2.constants

export type Session = {
  /** When something last came, by a clock that does not jump (milliseconds). */
  heardAt(): number
  /** No new streams; it ends with the last of those that run. */
  retire(): void
  /** Ends it at once. */
  cut(): void
}
type Door = {
  readonly context: WireContext
  readonly secure: SecureContext
  readonly ws: WebSocket
  readonly proofMillis: number
  /** The runner has proved itself. */
  entered(runner: string): void
  /** A new connection of the runner. */
  carry(connection: Duplex, runner: string): void
  ended(): void
}

/** Takes a socket on. */
export const openSession = (door: Door): Session => {
  const { ws, context } = door
  let heardAt = performance.now()
  let session: ServerHttp2Session | null = null
  const cut = (): void => ws.terminate()
  const patience = setTimeout(cut, door.proofMillis)
  const bytes = createWebSocketStream(ws)
  // What tls.Server does for its sockets is done here: it does not tell which stream one of them belongs to.
  const sealed = new TLSSocket(bytes, { isServer: true, secureContext: door.secure, ALPNProtocols: ['h2'] })
  ws.on('message', () => void (heardAt = performance.now()))
  ws.once('close', () => {
    clearTimeout(patience)
    bytes.destroy() // by itself it would wait for what is still to be written
    sealed.destroy()
    session?.destroy()
    door.ended()
  })
  // What goes wrong on the way ends the socket; a stranger fills no log with it.
  bytes.on('error', cut)
  sealed.on('error', cut)
  sealed.on('_tlsError', cut) // a record that was changed on the way; nothing else tells of it
  sealed.once('secure', () => {
    if (sealed.alpnProtocol !== 'h2') return cut()
    const { bytes: length, label } = relayBinding
    const binding = sealed.exportKeyingMaterial(length, label, Buffer.alloc(0)).toString('base64url')
    Object.assign(sealed, { secureConnecting: false }) // HTTP/2 would wait for it
    session = http2.performServerHandshake(sealed, {
      settings: { maxConcurrentStreams: relayLimits.streams, initialWindowSize: relayLimits.strangerStreamBytes },
    })
    session.setLocalWindowSize(relayLimits.streams * relayLimits.streamBytes)
    session.on('error', cut)
    session.once('close', cut)
    const introduced = introduce(context, binding)
    let runner: string | null = null // once and for all of the socket
    let asked = 0 // each costs a signature or a look into the database, and whoever asks is a stranger
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {}) // its connection hears of it
      if (headers[':method'] === 'CONNECT') {
        if (runner === null) return stream.close(NGHTTP2_REFUSED_STREAM)
        const connection = connectionOn(stream)
        return connection === null ? undefined : door.carry(connection, runner)
      }
      if (++asked > relayLimits.introductions) return cut()
      introduced(stream, headers).then(
        (known) => {
          if (known === null || runner !== null) return
          clearTimeout(patience)
          runner = known
          session!.settings({ initialWindowSize: relayLimits.streamBytes })
          door.entered(runner)
        },
        (error: unknown) => {
          context.log.warn({ err: error }, 'A runner could not come in by its relay.')
          cut()
        },
      )
    })
  })
  return { heardAt: () => heardAt, retire: () => (session ? session.close() : cut()), cut }
}

/** Answers what is not a connection, on one TLS connection; gives the runner once it has proved itself. */
const introduce = (context: WireContext, binding: string) => {
  let to: string | null = null
  return async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<string | null> => {
    if (headers[':path'] !== relayPath)
      return answer(stream, 404, refuse('not_found', { what: 'address', id: 'there' }))
    if (headers[':method'] === 'GET') {
      const { offer, by } = await offerOf(context, binding)
      to = by
      return answer(stream, 200, offer)
    }
    const text = await textIn(stream)
    const entered =
      to === null
        ? refuse('invalid', { where: 'order', why: 'the control plane proves itself first' })
        : await enteredBy(context, text, { binding, to })
    if (isRefusal(entered)) return answer(stream, problemOf(entered).status, entered)
    answer(stream, 204, null)
    return entered
  }
}

const answer = (stream: ServerHttp2Stream, status: number, what: unknown): null => {
  if (stream.closed || stream.destroyed) return null
  const refusal = isRefusal(what)
  stream.respond({ ':status': status, 'content-type': refusal ? problemMedia : 'application/json' })
  stream.end(what === null ? undefined : JSON.stringify(refusal ? problemOf(what) : what))
  return null
}

const entryBytes = 4_096

/** The text that was sent, up to what an entry may have. */
const textIn = async (stream: ServerHttp2Stream): Promise<string> => {
  const gathered = gathering(entryBytes)
  for await (const part of stream as AsyncIterable<Buffer>)
    if (!gathered.take(part)) throw new Error('The entry to a relay is too long.')
  return gathered.text()
}
