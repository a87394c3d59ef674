/**
 * How does a separate relay pass a runner's socket on?
 * Bytes from the one WebSocket to the other, to the one control plane it was started for. What is inside is sealed between the two
 * ends: it holds no key, no database and no state, and can be ended and started at any time.
 */
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { relayLimits, relayPath, relayProtocol } from '@viewportai/core/wire/relay'
import { isRelay, refuseUpgrade, whyNoRelay } from './upgrade.ts'

export type Forward = {
  readonly host: string
  readonly port: number
  /** Sockets that are passed on now. */
  open(): number
  /** Ends it with all its sockets. */
  close(): Promise<void>
}
export type ForwardOptions = {
  readonly host: string
  readonly port: number
  /** The address of the control plane: `http(s)://host[:port]`. */
  readonly to: string
  /** Sockets at a time at most. */
  readonly connections: number
  readonly silenceMillis?: number
}

const openingMillis = 10_000

/** Starts a relay. */
export const startForward = async (options: ForwardOptions): Promise<Forward> => {
  const { host, to, connections, silenceMillis = relayLimits.silenceSeconds * 1_000 } = options
  const target = `${to.replace(/^http/, 'ws')}${relayPath}`
  const limits = {
    maxPayload: relayLimits.messageBytes,
    maxFragments: relayLimits.messageFragments,
    maxBufferedChunks: relayLimits.messagePieces,
    perMessageDeflate: false,
  }
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: () => relayProtocol,
    ...limits,
  })
  const passing = new Set<{ heardAt: number; cut(): void }>()

  const server = http.createServer(
    { headersTimeout: openingMillis, connectionsCheckingInterval: 2_000 },
    (request, response) => {
      const healthy = request.method === 'GET' && request.url === '/healthz'
      response.writeHead(healthy ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(JSON.stringify(healthy ? { relay: true, open: passing.size } : null))
    },
  )
  server.maxConnections = connections + 100 // those that only ask how it is
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const no = whyNot(request, passing.size < connections ? null : connections)
    if (no !== null) return refuseUpgrade(socket, no)
    const beyond = new WebSocket(target, relayProtocol, { handshakeTimeout: openingMillis, ...limits })
    const one = { heardAt: performance.now(), cut: () => beyond.terminate() }
    passing.add(one)
    beyond.once('close', () => passing.delete(one))
    beyond.on('error', () => refuseUpgrade(socket, refuse('relay_unreachable')))
    socket.once('close', one.cut)
    beyond.once('open', () => {
      if (socket.destroyed) return
      sockets.handleUpgrade(request, socket, head, (near) => {
        pass(near, beyond, () => void (one.heardAt = performance.now()))
      })
    })
  })
  const look = setInterval(
    () => {
      for (const one of passing) if (performance.now() - one.heardAt > silenceMillis) one.cut()
    },
    Math.min(5_000, silenceMillis / 4),
  ).unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, host, resolve)
  })
  return {
    host,
    port: (server.address() as AddressInfo).port,
    open: () => passing.size,
    close: () =>
      new Promise((resolve) => {
        clearInterval(look)
        for (const one of passing) one.cut()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const whyNot = (request: IncomingMessage, full: number | null): Refusal | null => {
  if (!isRelay(request)) return refuse('not_found', { what: 'address', id: 'on a relay' })
  return whyNoRelay(request) ?? (full === null ? null : refuse('relay_full', { limit: full }))
}

/** Both ways, only as fast as the slower side takes it; when one side ends, so does the other. */
const pass = (near: WebSocket, beyond: WebSocket, heard: () => void): void => {
  const [one, other] = [createWebSocketStream(near), createWebSocketStream(beyond)]
  const over = (): void => {
    near.terminate()
    beyond.terminate()
  }
  for (const ws of [near, beyond]) ws.on('message', heard).once('close', over)
  pipeline(one, other, over)
  pipeline(other, one, over)
}
