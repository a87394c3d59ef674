/**
 * The relay of the control plane of the tests, as docs/wire.md tells it: what comes by it is handed to the same server.
 * It goes wrong on demand.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Server } from 'node:http'
import http2 from 'node:http2'
import { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import { CompactSign, compactVerify, importJWK } from 'jose'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'
import {
  planeProofType,
  relayBinding,
  RelayEntry,
  relayLimits,
  relayPath,
  relayProtocol,
  RunnerProofClaims,
  runnerProofMisfit,
} from '@viewportai/core/wire/relay'
import { relayCertificate } from '@viewportai/core/wire/relay-certificate'
import type { Ed25519, SigningKey } from './plane-auth.ts'

export type PlaneRelay = {
  /** Sockets with a proof. */
  open(): number
  /** Connections that came by it. */
  carried(): number
  /** What upgrades are answered with from now on, as raw HTTP; null: with a WebSocket. */
  refuse(answer: string | null): void
  /** Cuts every socket. */
  cut(): void
  /** Asks for new sockets, and lets what runs on the old ones end. */
  retire(): void
  /** Proves itself for another connection than the one it is on. */
  proveFor(binding: string): void
  /** Nothing is read from the sockets any more, and nothing said. */
  freeze(): void
}

/** Opens it on a server. */
export const planeRelay = (
  server: Server,
  plane: { key: SigningKey; runners: Map<string, Ed25519>; settings: { successions: string[] } },
): PlaneRelay => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = relayCertificate(publicKey.export({ type: 'spki', format: 'der' }), (bytes) =>
    sign(null, bytes, privateKey),
  )
  const secureContext = createSecureContext({
    cert: `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    minVersion: 'TLSv1.3',
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: relayLimits.messageBytes })
  const sessions = new Set<http2.ServerHttp2Session>()
  let refusal: string | null = null
  let proven: string | null = null
  let open = 0
  let carried = 0

  const take = (ws: WebSocket): void => {
    const bytes = createWebSocketStream(ws).on('error', () => ws.terminate())
    const sealed = new TLSSocket(bytes, { isServer: true, secureContext, ALPNProtocols: ['h2'] })
    sealed.on('error', () => ws.terminate())
    sealed.once('secure', () => {
      const binding = sealed
        .exportKeyingMaterial(relayBinding.bytes, relayBinding.label, Buffer.alloc(0))
        .toString('base64url')
      Object.assign(sealed, { secureConnecting: false }) // as tls.Server does it; HTTP/2 would wait for it
      const session = http2.performServerHandshake(sealed, {
        settings: { maxConcurrentStreams: relayLimits.streams, initialWindowSize: relayLimits.streamBytes },
      })
      sessions.add(session)
      let known = false
      session.on('error', () => ws.terminate())
      session.once('close', () => ws.terminate())
      session.on('stream', (stream, headers) => {
        stream.on('error', () => {})
        if (headers[':method'] !== 'CONNECT')
          return void introduce(stream, headers[':method'] === 'GET').then((status) => {
            known = status === 204
            if (known) open++
          })
        if (!known) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
        stream.respond({ ':status': 200 })
        carried++
        server.emit(
          'connection',
          Duplex.from({ readable: stream, writable: stream }).on('error', () => {}),
        )
      })
      ws.once('close', () => {
        if (known) open--
        sessions.delete(session)
        session.destroy()
      })
      const introduce = async (stream: http2.ServerHttp2Stream, first: boolean): Promise<number> => {
        if (first) {
          const proof = await new CompactSign(new TextEncoder().encode(JSON.stringify({ binding: proven ?? binding })))
            .setProtectedHeader({ alg: 'EdDSA', typ: planeProofType, kid: plane.key.kid })
            .sign(plane.key.sign)
          stream.respond({ ':status': 200, 'content-type': 'application/json' })
          stream.end(JSON.stringify({ proof, successions: plane.settings.successions }))
          return 200
        }
        let text = ''
        for await (const part of stream.setEncoding('utf8') as AsyncIterable<string>) text += part
        const { runner, proof } = RelayEntry.parse(JSON.parse(text))
        const key = plane.runners.get(runner)
        const read = key && (await compactVerify(proof, await importJWK(key, 'EdDSA')).catch(() => null))
        const claims = read ? RunnerProofClaims.parse(JSON.parse(new TextDecoder().decode(read.payload))) : null
        const fits = claims && runnerProofMisfit(claims, { binding, runner, to: plane.key.kid }) === null
        stream.respond({ ':status': fits ? 204 : 401 })
        stream.end()
        return fits ? 204 : 401
      }
    })
    ws.once('close', () => {
      bytes.destroy()
      sealed.destroy()
    })
  }

  server.on('upgrade', (request, socket, head) => {
    if (refusal !== null || request.url !== relayPath || request.headers['sec-websocket-protocol'] !== relayProtocol)
      return void socket.end(refusal ?? 'HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, take)
  })
  return {
    open: () => open,
    carried: () => carried,
    refuse: (answer) => void (refusal = answer),
    cut: () => sockets.clients.forEach((ws) => ws.terminate()),
    retire: () => sessions.forEach((session) => session.close()),
    proveFor: (binding) => void (proven = binding),
    freeze: () => sockets.clients.forEach((ws) => ws.pause()),
  }
}
