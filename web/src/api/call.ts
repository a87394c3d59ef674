/**
 * How does a page call the API?
 * The typed client of the route table over same-origin fetch with the session's cookie and the cross-site token.
 */
import { client, pathOf } from '@viewportai/core/api/client'
import { routes } from '@viewportai/core/api/routes'
import type { ReadRange } from '../body/read.ts'
import { doubt } from './live.ts'
import { problemOf, unreachable } from './problem.ts'

let crossSiteToken = ''
/** The token that `GET /api/me` gave; sent with everything that is not a GET. */
export const setCrossSiteToken = (token: string): void => {
  crossSiteToken = token
}

/**
 * A page is there before it was told who reads it, and what is pressed in that moment would be refused for want of the token: it is asked for first. One
 * that is held already stays, also when the session is another person's by now: what this page shows is not theirs to send.
 */
const tokenFor = async (method: string, path: string): Promise<string> => {
  // Signing out has the path of signing in, and needs the token like everything else.
  const isSignIn = method === routes.signIn.method && path === routes.signIn.path
  if (method !== 'GET' && crossSiteToken === '' && !isSignIn) setCrossSiteToken((await api.me()).csrf)
  return method === 'GET' ? '' : crossSiteToken
}

const send = async (method: string, path: string, body: string | null, signal?: AbortSignal): Promise<Response> => {
  const token = await tokenFor(method, path)
  const response = await fetch(path, {
    method,
    body,
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(token === '' ? {} : { 'viewport-csrf': token }),
    },
    credentials: 'same-origin',
    redirect: 'error',
    signal: signal ?? null,
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable(error)
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

/** How long a question may go without an answer, in milliseconds: longer than anything that is asked of a runner waits for it. */
const answerMillis = 30_000

/** Asks, and takes for away who has not begun to answer in time: a database that hangs refuses nothing. */
const ask = async (path: string): Promise<Response> => {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), answerMillis)
  try {
    return await send('GET', path, null, late.signal)
  } catch (error) {
    if (!late.signal.aborted) throw error
    doubt()
    throw unreachable(error)
  } finally {
    clearTimeout(timer)
  }
}

/** One function per route. Throws `Problem`. */
export const api = client<Response>(({ method, path, body }) =>
  method === 'GET' ? ask(path) : send(method, path, body),
)

/** The same, each call left when `signal` says so: then the server stops what nobody waits for. */
export const apiUntil = (signal: AbortSignal): typeof api =>
  client<Response>(({ method, path, body }) => send(method, path, body, signal))

/** Reads ranges of one body of a run. */
export const bodyRange =
  (run: string, digest: string): ReadRange =>
  async (offset, length) => {
    const response = await send('GET', pathOf(routes.body, { run, digest }, { offset, length }), null)
    return new Uint8Array(await response.arrayBuffer())
  }

/** The log of a step as it comes. Ends when the step ends, or when `signal` says so. */
export const followLog = (
  run: string,
  step: string,
  offset: number,
  signal: AbortSignal,
  attempt?: number,
): Promise<Response> => send('GET', pathOf(routes.log, { run, step }, { offset, follow: true, attempt }), null, signal)

/** Where the packet of a run is downloaded. */
export const packetPath = (run: string): string => pathOf(routes.packet, { run })
