/** How is a provider asked? Over connections that are kept, to the configured address and no other, without following redirects. */
import http from 'node:http'
import https from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Upstream } from './providers.ts'

// A provider may think for long before the first byte; a connection on which nothing moves for so long is dead.
const silentMs = 10 * 60_000
// Not the same as that of a request: where both are equal Node leaves a kept connection the time that its server named for
// being idle (`Keep-Alive: timeout=5`), and a provider that thinks longer than that would be cut off.
const idleMs = 60_000
const agents = {
  'http:': new http.Agent({ keepAlive: true, maxFreeSockets: 16, timeout: idleMs }),
  'https:': new https.Agent({ keepAlive: true, maxFreeSockets: 16, timeout: idleMs }),
}

export type Asked = {
  readonly upstream: Upstream
  readonly method: string
  /** Path and query behind the base. */
  readonly rest: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly signal: AbortSignal
}

/** Sends the request. Resolves with the answer's head; rejects with the error of the connection. */
export const askProvider = async (asked: Asked): Promise<IncomingMessage> => {
  try {
    return await once(asked)
  } catch (error) {
    // A kept connection that the provider had closed meanwhile: nothing was answered on it, so it is asked once more.
    if (!(error instanceof StaleConnection) || asked.signal.aborted) throw error
    return once(asked)
  }
}

class StaleConnection extends Error {}

/** All of the request was sent, and no answer came: the provider may have worked on it. */
export class Unanswered extends Error {}

const once = ({ upstream, method, rest, headers, body, signal }: Asked): Promise<IncomingMessage> =>
  new Promise((answered, fail) => {
    const url = new URL(`${upstream.base}${rest}`)
    const { request, agent } =
      url.protocol === 'https:'
        ? { request: https.request, agent: agents['https:'] }
        : { request: http.request, agent: agents['http:'] }
    const out = request(url, { method, headers: { ...headers, host: url.host }, agent, signal, timeout: silentMs })
    out.once('response', answered)
    out.once('timeout', () => out.destroy(new Error('it did not answer in time')))
    // Other answers (100, 103) are not for the agent; a change of protocol is none of an API.
    out.once('upgrade', (_, socket) => {
      socket.destroy()
      fail(new Error('it wanted to change the protocol'))
    })
    // `on`: a connection may break more than once, and an error nobody listens for would end vpd.
    out.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        out.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
          ? new StaleConnection()
          : out.writableFinished
            ? new Unanswered(error.message, { cause: error })
            : error,
      ),
    )
    out.end(body)
  })

/** Why a provider could not be asked, in words that give no address and no key away. */
export const whyNotAsked = (error: unknown): string => {
  if (error instanceof Unanswered) return whyNotAsked(error.cause)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return known[code] ?? (code || (error instanceof Error ? error.message.slice(0, 200) : 'unknown error'))
}

const known: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its name is not known to the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by an authority that this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by an authority that this machine trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by an authority that this machine trusts',
}
