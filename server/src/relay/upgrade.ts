/**
 * What becomes of a request that asks for another protocol on its connection?
 * As soon as somebody listens for upgrades, HTTP hands over all of them, also those that are mere offers (`h2c`, which some
 * senders of webhooks put on everything) and may be passed over (RFC 9110 7.8).
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { EventEmitter } from 'node:events'
import { problemMedia } from '@viewportai/core/api/problem'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { relayPath, relayProtocol } from '@viewportai/core/wire/relay'
import { problemOf } from '../http/problem.ts'

/** Does it ask for the socket of a relay? */
export const isRelay = ({ url = '', headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && url.split('?')[0] === relayPath

/** Why it gets none, or null. A runner is no browser: what shows an origin, as every browser does, was made to come by a page. */
export const whyNoRelay = ({ headers }: IncomingMessage): Refusal | null => {
  if (headers.origin !== undefined) return refuse('cross_origin', { origin: headers.origin.slice(0, 200) })
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return offered.includes(relayProtocol)
    ? null
    : refuse('invalid', { where: 'sec-websocket-protocol', why: `it does not offer ${relayProtocol}` })
}

/** Lets the server read the request again, without the offer. */
export const asUsualRequest = (server: EventEmitter, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const { rawHeaders } = request
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!/^(upgrade|connection|http2-settings)$/i.test(rawHeaders[at]!))
      lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}

/** Answers that there is no such protocol for this request. */
export const refuseUpgrade = (socket: Duplex, refusal: Refusal): void => {
  const problem = problemOf(refusal)
  const text = JSON.stringify(problem)
  socket.on('error', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      `content-type: ${problemMedia}`,
      `content-length: ${Buffer.byteLength(text)}`,
      'connection: close',
      '',
      text,
    ].join('\r\n'),
  )
}
