/**
 * How is the one socket to the control plane opened?
 * WebSocket, TLS 1.3 in it, HTTP/2 in that (core/wire/relay). The other end must sign this very TLS connection with a key of the control
 * plane that this runner believes, before anything is said to it; whatever sits in between can only cut the line.
 */
import http2, { type ClientHttp2Session } from 'node:http2'
import type { IncomingMessage } from 'node:http'
import tls, { type TLSSocket } from 'node:tls'
import { CompactSign, compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { createWebSocketStream, WebSocket } from 'ws'
import { gathering } from '@viewportai/core/wire/gather'
import { keyThumbprint } from '@viewportai/core/wire/key-words'
import {
  PlaneProofClaims,
  planeProofMisfit,
  planeProofType,
  relayBinding,
  relayLimits,
  RelayOffer,
  relayPath,
  relayProtocol,
  runnerProofType,
} from '@viewportai/core/wire/relay'
import type { OwnKey } from '../identity/key.ts'
import type { Pairing } from '../identity/pairing.ts'
import { inWords } from '../wire/exchange.ts'
import { refusalIn, wordsOf } from '../wire/refused.ts'

/** The relay cannot be used now; the message says why, for people. */
export class NoRelay extends Error {
  override readonly name = 'NoRelay'
  /** Milliseconds that whoever answered asked to wait, as a Retry-After header's text. */
  readonly retryAfter: string | undefined
  constructor(why: string, { cause, retryAfter }: { cause?: unknown; retryAfter?: string | undefined } = {}) {
    super(why, { cause })
    this.retryAfter = retryAfter
  }
}

export type Dialled = {
  readonly session: ClientHttp2Session
  /** Resolves when the socket is gone, with why. */
  readonly gone: Promise<string>
  cut(why: string): void
}
export type DialOptions = {
  /** The address of the socket: `ws://` or `wss://`. */
  readonly url: string
  readonly runner: string
  readonly key: OwnKey
  /** All keys of the control plane that are believed, once these successions are known. */
  believed(successions: readonly string[]): Promise<Pairing['serverKeys']>
  readonly signal: AbortSignal
}

const openingMs = 10_000

/** Opens a socket and proves both ends. Throws NoRelay when that cannot be done now. */
export const dial = async (options: DialOptions): Promise<Dialled> => {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(openingMs)])
  const ws = new WebSocket(options.url, relayProtocol, {
    maxPayload: relayLimits.messageBytes,
    maxFragments: relayLimits.messageFragments,
    maxBufferedChunks: relayLimits.messagePieces,
    perMessageDeflate: false,
    handshakeTimeout: openingMs,
  })
  let why: string | null = null
  const cut = (words: string): void => {
    why ??= words
    ws.terminate()
  }
  const gone = new Promise<string>((resolve) => ws.once('close', () => resolve(why ?? 'the connection was cut')))
  const onAbort = (): void => cut(`it was not open within ${openingMs / 1_000} seconds`)
  signal.addEventListener('abort', onAbort, { once: true })
  const failed = gone.then((words): never => {
    throw new NoRelay(words)
  })
  failed.catch(() => {})
  try {
    await Promise.race([opened(ws), failed])
    const sealed = await Promise.race([sealedIn(ws, cut), failed])
    const session = sessionOn(sealed, cut)
    ws.once('close', () => session.destroy())
    await Promise.race([prove(session, sealed, options), failed])
    return { session, gone, cut }
  } catch (error) {
    cut('it was not opened')
    throw error instanceof NoRelay ? error : new NoRelay(wordsOf(error), { cause: error })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const opened = (ws: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    ws.once('open', resolve)
    ws.on('error', (error: NodeJS.ErrnoException) => reject(new NoRelay(inWords(error), { cause: error })))
    ws.once('unexpected-response', (request, response: IncomingMessage) => {
      const { statusCode, headers } = response
      const page = headers['content-type']?.startsWith('text/html') ? ', with a page' : ''
      reject(
        new NoRelay(
          `a WebSocket was answered with status ${statusCode}${page}; a proxy on the way may not let it through`,
          { retryAfter: headers['retry-after'] },
        ),
      )
      request.destroy()
    })
  })

/** TLS 1.3 and nothing older. Its certificate is not looked at: `prove` says who is there. */
const sealedIn = (ws: WebSocket, cut: (why: string) => void): Promise<TLSSocket> =>
  new Promise((resolve) => {
    const bytes = createWebSocketStream(ws)
    const sealed = tls.connect({
      socket: bytes,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    })
    const broken = (error: Error): void => cut(`what came over it is not what was sent (${error.message})`)
    bytes.on('error', (error: NodeJS.ErrnoException) => cut(inWords(error)))
    sealed.on('error', broken)
    ws.once('close', () => {
      bytes.destroy() // by itself it would wait for what is still to be written
      sealed.destroy()
    })
    sealed.once('secureConnect', () => resolve(sealed))
  })

const sessionOn = (sealed: TLSSocket, cut: (why: string) => void): ClientHttp2Session => {
  const session = http2.connect('https://relay', {
    createConnection: () => sealed,
    settings: { enablePush: false, initialWindowSize: relayLimits.streamBytes },
  })
  session.once('connect', () => session.setLocalWindowSize(relayLimits.streams * relayLimits.streamBytes))
  session.on('error', (error: Error) => cut(error.message))
  session.once('close', () => cut('the control plane ended it'))
  return session
}

/** The control plane first: to anybody else nothing is said, not even who we are. */
const prove = async (session: ClientHttp2Session, sealed: TLSSocket, options: DialOptions): Promise<void> => {
  if (sealed.getProtocol() !== 'TLSv1.3' || sealed.alpnProtocol !== 'h2')
    throw new NoRelay('what answers there does not speak TLS 1.3 with HTTP/2')
  const { bytes, label } = relayBinding
  const binding = sealed.exportKeyingMaterial(bytes, label, Buffer.alloc(0)).toString('base64url')
  const shown = await ask(session, 'GET', null)
  const offer = RelayOffer.safeParse(shown.status === 200 ? JSON.parse(shown.text) : null)
  if (!offer.success) throw new NoRelay(`status ${shown.status} in the place of the control plane's proof`)
  const to = await signerOf(offer.data, binding, options)
  const proof = await new CompactSign(new TextEncoder().encode(JSON.stringify({ binding, runner: options.runner, to })))
    .setProtectedHeader({ alg: 'EdDSA', typ: runnerProofType, kid: options.key.id })
    .sign(options.key.sign)
  const entered = await ask(session, 'POST', JSON.stringify({ runner: options.runner, proof }))
  if (entered.status !== 204) throw new NoRelay(wordsOf(refusalIn({ ...entered, headers: {} })))
}

/** The thumbprint of the believed key that signed this connection. */
const signerOf = async (
  { proof, successions }: RelayOffer,
  binding: string,
  { believed }: DialOptions,
): Promise<string> => {
  for (const { kty, crv, x } of await believed(successions)) {
    const key = await importJWK({ kty, crv, x }, 'EdDSA')
    const read = await compactVerify(proof, key, { algorithms: ['EdDSA'] }).catch(() => null)
    if (read === null || decodeProtectedHeader(proof).typ !== planeProofType) continue
    const misfit = planeProofMisfit(PlaneProofClaims.parse(JSON.parse(new TextDecoder().decode(read.payload))), binding)
    if (misfit === null) return keyThumbprint({ kty, crv, x })
    throw new NoRelay(`somebody sits between this machine and the control plane (its proof: ${misfit})`)
  }
  throw new NoRelay('what answers there is not the control plane that this machine is paired with')
}

const answerBytes = 2_200_000 // a thousand successions

const ask = (
  session: ClientHttp2Session,
  method: 'GET' | 'POST',
  body: string | null,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': relayPath })
    let status = 0
    const gathered = gathering(answerBytes)
    stream.on('response', (headers) => void (status = Number(headers[':status'])))
    stream.on('data', (part: Buffer) => {
      if (!gathered.take(part)) stream.destroy(new NoRelay('the answer is too long'))
    })
    stream.on('error', reject)
    stream.on('end', () => resolve({ status, text: gathered.text() }))
    stream.end(body ?? undefined)
  })
