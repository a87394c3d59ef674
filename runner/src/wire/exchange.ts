/**
 * How does one HTTP request get out and its answer back?
 * Own connections that stay open between requests, a time limit on everything, a size limit on every answer, redirects never followed.
 */
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { gathering } from '@viewportai/core/wire/gather'

export type Exchange = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A stream has no overall limit: it fails when nothing moves for `timeoutMs`. */
  readonly body: string | Uint8Array | Readable | null
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}
export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** Monotonic milliseconds (`performance.now`) when the request began, and when the answer's head came. */
  readonly sentAt: number
  readonly headAt: number
}

/** No answer came: the connection broke, timed out, or the answer was cut or too long. Worth another try. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}
/** The caller's signal ended the request. */
export class Ended extends Error {
  override readonly name = 'Ended'
}

/** Connections of some kind. `unanswered` is told when one brought no answer in time. */
export type Way = { readonly agent: http.Agent; unanswered?(): void }
/** The connections of one wire. `close` ends those that are idle and those in use. */
export type Lines = {
  /** By which connection a request to this address goes now. */
  to(target: URL): Way
  close(): void
}

const answerLimit = 8 * 1024 * 1024

/**
 * Opens a set of lines: connections are kept for the next request. `atMost`: connections to one origin at a time. `first`: another
 * way, taken whenever it is there.
 */
export const openLines = (
  atMost = Number.POSITIVE_INFINITY,
  first: (target: URL) => Way | null = () => null,
): Lines => {
  const settings = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: atMost, timeout: 0 }
  const plain = { agent: new http.Agent(settings) }
  const secure = { agent: new https.Agent(settings) }
  return {
    to: (target) => first(target) ?? (target.protocol === 'https:' ? secure : plain),
    close() {
      plain.agent.destroy()
      secure.agent.destroy()
    },
  }
}

/** What the system said about a connection, for people; its own text stays behind it as the cause. */
export const inWords = ({ code, message }: NodeJS.ErrnoException): string => {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name cannot be resolved'
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE': // of a relay
    case 'ERR_STREAM_DESTROYED':
    case 'ERR_HTTP2_STREAM_ERROR':
      return 'the connection was cut'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it'
    default:
      return code ?? message
  }
}

/** Sends one request. Throws NoAnswer when there is no whole answer, Ended when the signal fired. */
export const exchange = (lines: Lines, { method, url, headers, body, timeoutMs, signal }: Exchange): Promise<Answer> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Ended('ended before it was sent'))
    const target = new URL(url)
    const streamed = body !== null && typeof body === 'object' && 'pipe' in body
    const sentAt = performance.now()
    let over = false
    const way = lines.to(target)
    const request = http.request(target, {
      method,
      agent: way.agent, // it knows TLS, where that is spoken
      headers: {
        ...headers,
        ...(body !== null && !streamed ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
      },
    })

    const settle = (end: () => void): void => {
      if (over) return
      over = true
      clearTimeout(limit)
      signal?.removeEventListener('abort', onAbort)
      end()
    }
    const fail = (error: Error): void =>
      settle(() => {
        request.destroy()
        if (streamed) body.destroy()
        reject(error)
      })
    const noAnswer = (why: string, cause?: unknown): void => fail(new NoAnswer(why, { cause }))
    const onAbort = (): void => fail(new Ended('ended by the caller'))
    signal?.addEventListener('abort', onAbort, { once: true })
    const limit = setTimeout(() => {
      way.unanswered?.()
      noAnswer(streamed ? `nothing moved for ${timeoutMs} ms` : `no answer within ${timeoutMs} ms`)
    }, timeoutMs)

    request.on('error', (error: NodeJS.ErrnoException) => noAnswer(inWords(error), error))
    request.on('response', (response) => {
      const headAt = performance.now()
      const gathered = gathering(answerLimit)
      response.on('data', (part: Buffer) => {
        if (!gathered.take(part)) noAnswer(`the answer is longer than ${answerLimit} bytes`)
      })
      response.on('error', (error) => noAnswer('the answer was cut', error))
      response.on('close', () => {
        if (!response.complete) noAnswer('the answer was cut')
        else
          settle(() => {
            if (streamed) body.destroy()
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: gathered.text(),
              sentAt,
              headAt,
            })
          })
      })
    })
    if (streamed) {
      body.on('data', () => limit.refresh())
      body.on('error', (error) => noAnswer(`the bytes could not be read: ${error.message}`, error))
      body.pipe(request)
    } else request.end(body ?? undefined)
  })
