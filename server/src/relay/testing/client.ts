/** The runner's end of a relay for tests, as docs/wire.md tells it; every part can be bent. */
import http from 'node:http'
import http2, { type ClientHttp2Session } from 'node:http2'
import { Duplex } from 'node:stream'
import type { KeyObject } from 'node:crypto'
import tls, { type SecureVersion, type TLSSocket } from 'node:tls'
import { CompactSign, decodeProtectedHeader } from 'jose'
import { createWebSocketStream, WebSocket } from 'ws'
import { relayBinding, relayPath, relayProtocol, runnerProofType, type RelayOffer } from '@viewportai/core/wire/relay'

export type Socket = { ws: WebSocket; closed: Promise<void> }
export type Sealed = Socket & { sealed: TLSSocket; session: ClientHttp2Session; binding: string }
type Who = { id: string; keys: { privateKey: KeyObject } }

/** A WebSocket; rejects with the status of the answer when there is none. */
export const openSocket = (
  url: string,
  { headers = {}, protocol = relayProtocol }: { headers?: Record<string, string>; protocol?: string } = {},
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${relayPath}`, protocol, {
      headers,
      perMessageDeflate: false,
    })
    const closed = new Promise<void>((gone) => ws.once('close', () => gone()))
    ws.once('open', () => resolve({ ws, closed }))
    ws.on('error', reject)
    ws.once('unexpected-response', (request, response) => {
      reject(new Error(`status ${response.statusCode}`))
      request.destroy()
    })
  })

/** TLS and HTTP/2 on it. */
export const seal = async (socket: Socket, maxVersion: SecureVersion = 'TLSv1.3'): Promise<Sealed> => {
  const bytes = createWebSocketStream(socket.ws).on('error', () => socket.ws.terminate())
  const sealed = tls.connect({ socket: bytes, rejectUnauthorized: false, maxVersion, ALPNProtocols: ['h2'] })
  socket.ws.once('close', () => {
    bytes.destroy()
    sealed.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    sealed.once('secureConnect', resolve)
    sealed.on('error', reject)
    void socket.closed.then(() => reject(new Error('the socket was closed')))
  })
  const binding = sealed
    .exportKeyingMaterial(relayBinding.bytes, relayBinding.label, Buffer.alloc(0))
    .toString('base64url')
  const session = http2.connect('https://relay', { createConnection: () => sealed })
  session.on('error', () => {})
  socket.ws.once('close', () => session.destroy())
  return { ...socket, sealed, session, binding }
}

/** One request to the session itself. */
export const askSession = (
  { session }: Pick<Sealed, 'session'>,
  method: string,
  body?: string,
  path = relayPath,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path })
    let status = 0
    let text = ''
    stream.on('response', (headers) => void (status = Number(headers[':status'])))
    stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    stream.on('error', reject)
    stream.on('end', () => resolve({ status, text }))
    stream.end(body)
  })

/** The proof of a runner for a connection. */
export const runnerProof = (
  { id, keys }: Who,
  claims: { binding: string; to: string; runner?: string },
  typ = runnerProofType,
): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify({ runner: id, ...claims })))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(keys.privateKey)

/** The control plane's proof, and the key it is signed with. */
export const offerOn = async (on: Sealed): Promise<RelayOffer & { kid: string }> => {
  const offer = JSON.parse((await askSession(on, 'GET')).text) as RelayOffer
  return { ...offer, kid: decodeProtectedHeader(offer.proof).kid! }
}

/** Everything, as a runner does it. Gives the socket with the status of the entry. */
export const openRelay = async (url: string, who: Who): Promise<Sealed & { status: number }> => {
  const on = await seal(await openSocket(url))
  const { kid } = await offerOn(on)
  const proof = await runnerProof(who, { binding: on.binding, to: kid })
  const { status } = await askSession(on, 'POST', JSON.stringify({ runner: who.id, proof }))
  return { ...on, status }
}

/** A new connection to the control plane by a relay. */
export const connectBy = ({ session }: Pick<Sealed, 'session'>): Duplex => {
  const stream = session.request({ ':method': 'CONNECT', ':authority': 'viewport' }, { endStream: false })
  stream.on('error', () => {})
  return Duplex.from({ readable: stream, writable: stream }).on('error', () => {})
}

/** Requests with this agent go by the relay. */
export const agentBy = (relay: Pick<Sealed, 'session'>): http.Agent =>
  Object.assign(new http.Agent({ keepAlive: false }), {
    createConnection: (_to: unknown, opened: (error: null, line: Duplex) => void) => opened(null, connectBy(relay)),
  }) as http.Agent
