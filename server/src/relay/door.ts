/**
 * Which sockets of runners are let in, and how many?
 * Strangers get a bounded waiting room and ten seconds in it; the oldest goes when it is full. A socket lives an hour, so that
 * runners spread over replicas again, and ends when nothing is heard of it. Only `/wire/…` is carried.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import { refuse } from '@viewportai/core/refusal'
import { relayLimits, relayProtocol } from '@viewportai/core/wire/relay'
import { sendRefusal } from '../http/problem.ts'
import type { WireContext } from '../wire/context.ts'
import { relayContext } from './certificate.ts'
import { noteRelayed, relayOf } from './relayed.ts'
import { openSession, type Session } from './session.ts'
import { asUsualRequest, isRelay, refuseUpgrade, whyNoRelay } from './upgrade.ts'

export type DoorLimits = {
  /** Sockets without a proof at a time. */
  readonly strangers: number
  /** From the socket to the proof. */
  readonly proofMillis: number
  /** Sockets of one runner: the one of now, one that retires, those of a program that takes its place. */
  readonly perRunner: number
  readonly lifeMillis: number
  readonly silenceMillis: number
}
const usual: DoorLimits = {
  strangers: 256,
  proofMillis: relayLimits.proofSeconds * 1_000,
  perRunner: 4,
  lifeMillis: 3_600_000,
  silenceMillis: relayLimits.silenceSeconds * 1_000,
}

/** Opens the door of relays on an app's server. Routes must be added after it. */
export const openRelayDoor = (app: FastifyInstance, context: WireContext, limits: Partial<DoorLimits> = {}): void => {
  const { strangers, proofMillis, perRunner, lifeMillis, silenceMillis } = { ...usual, ...limits }
  const secure = relayContext()
  const all = new Set<Session>()
  const waiting = new Set<Session>()
  const known = new Map<string, Set<Session>>()
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: relayLimits.messageBytes,
    maxFragments: relayLimits.messageFragments,
    maxBufferedChunks: relayLimits.messagePieces,
    perMessageDeflate: false, // what is inside cannot be made smaller
    handleProtocols: () => relayProtocol,
  })

  const admit = (ws: WebSocket, remoteAddress: string | undefined): void => {
    let leave = (): void => {}
    const session = openSession({
      context,
      secure,
      ws,
      proofMillis,
      entered(runner) {
        waiting.delete(session)
        const sessions = (known.get(runner) ?? new Set<Session>()).add(session)
        known.set(runner, sessions)
        if (sessions.size > perRunner) [...sessions][0]!.cut()
        // Not all at once an hour after a restart.
        const retiring = setTimeout(() => session.retire(), lifeMillis * (0.9 + Math.random() / 10)).unref()
        leave = () => {
          clearTimeout(retiring)
          sessions.delete(session)
          if (sessions.size === 0) known.delete(runner)
        }
      },
      carry(connection, runner) {
        noteRelayed(connection, runner)
        app.server.emit('connection', Object.assign(connection, { remoteAddress }))
      },
      ended() {
        all.delete(session)
        waiting.delete(session)
        leave()
      },
    })
    all.add(session)
    waiting.add(session)
    if (waiting.size > strangers) [...waiting][0]!.cut()
  }

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isRelay(request)) return asUsualRequest(app.server, request, socket, head)
    const no = whyNoRelay(request)
    if (no !== null) return refuseUpgrade(socket, no)
    const { remoteAddress } = request.socket
    sockets.handleUpgrade(request, socket, head, (ws) => admit(ws, remoteAddress))
  })
  app.addHook('onRequest', async (request, reply) =>
    relayOf(request) === null || request.url.startsWith('/wire/')
      ? undefined
      : sendRefusal(reply, refuse('not_found', { what: 'address', id: 'on a relay' })),
  )
  const look = setInterval(
    () => {
      for (const session of all) if (performance.now() - session.heardAt() > silenceMillis) session.cut()
    },
    Math.min(5_000, silenceMillis / 4),
  ).unref()
  app.addHook('preClose', async () => {
    clearInterval(look)
    for (const session of all) session.cut()
  })
}
