/** Which connection does a stream of a relay stand for? */
import type { ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'

/**
 * Answers the stream and gives its two ends as a connection; null when it has been given up meanwhile. What asks for a stream and what
 * breaks its socket may come in one breath, and then the stream is gone before anybody is told of it.
 */
export const connectionOn = (stream: ServerHttp2Stream): Duplex | null => {
  if (stream.closed || stream.destroyed) return null
  stream.respond({ ':status': 200 })
  return Duplex.from({ readable: stream, writable: stream }).on('error', () => {}) // who reads it hears of it; afterwards nobody may
}
