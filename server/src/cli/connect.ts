/**
 * How does a command reach the control plane, and as whom?
 * The address: --server, VIEWPORT_URL, else the Viewport that runs on this machine. The token: --token, VIEWPORT_TOKEN, else the
 * login saved by that Viewport, which is sent to no other address.
 */
import { client, type Client } from '@viewportai/core/api/client'
import { Problem } from '@viewportai/core/api/problem'
import { commandName } from '../up/data-folder.ts'
import { readLogin } from '../up/login-file.ts'
import { readRunning } from '../up/running-file.ts'
import { Stop } from './exit.ts'
import type { CliEnvironment } from './environment.ts'
import { inLine } from './terminal.ts'
import { version } from '../version.ts'

export type Reach = { readonly server?: string | undefined; readonly token?: string | undefined }
export type Api = Client<Response> & { readonly url: string }

/** Milliseconds to wait for the head of an answer. A body may take longer: it comes from a runner. */
const patience = 60_000

/** The API with types. Throws a `Stop` when there is no address or no token. */
export const connect = (asked: Reach, env: Pick<CliEnvironment, 'url' | 'token'>): Api => {
  const { url, token } = findServer(asked, env)
  return Object.assign(
    client<Response>((request) => send(url, token, request)),
    { url },
  )
}

/** Where the control plane is and with which token it is asked. */
const findServer = (asked: Reach, env: Pick<CliEnvironment, 'url' | 'token'>): { url: string; token: string } => {
  const named = asked.server ?? env.url
  const here = readRunning()
  const url = named === null || named === undefined ? here?.url : originOf(named)
  if (!url)
    throw new Stop(
      'unreachable',
      'No Viewport runs on this machine, and no other one is named.',
      `Start one with \`${commandName()} up\`, or name one with --server URL or VIEWPORT_URL.`,
    )
  const token = asked.token ?? env.token ?? (here && here.url === url ? readLogin(here.dataFolder)?.token : undefined)
  if (!token)
    throw new Stop(
      'refused',
      `There is no API token for ${url}.`,
      `Make one with \`${commandName()} token NAME\` on the machine where it runs; then set VIEWPORT_TOKEN or give --token.`,
    )
  return { url, token }
}

const originOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Stop(
      'usage',
      `${inLine(text)} is not the address of a control plane.`,
      'Name it like https://viewport.example.com.',
    )
  return url.origin
}

type Request = { method: string; path: string; body: string | null }

const send = async (url: string, token: string, { method, path, body }: Request): Promise<Response> => {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), patience)
  let response: Response
  try {
    response = await fetch(url + path, {
      method,
      body,
      redirect: 'error', // a redirect would carry the token along
      signal: waiting.signal,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': `viewport/${version}`,
        accept: 'application/json, application/problem+json, */*',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
    })
  } catch (cause) {
    throw new Stop(
      'unreachable',
      `${url} cannot be reached: ${waiting.signal.aborted ? `no answer within ${patience / 1_000} seconds` : reasonOf(cause)}.`,
      `Is the control plane running? \`${commandName()} up\` starts one on this machine.`,
    )
  } finally {
    clearTimeout(timer)
  }
  if (response.ok) return response
  throw await stopOf(url, response)
}

/** What a failed fetch says about itself is in its cause. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as { code?: unknown }).code
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ENOTFOUND') return 'there is no such host'
  return inLine(cause instanceof Error ? cause.message : String(cause))
}

const stopOf = async (url: string, response: Response): Promise<Stop> => {
  const text = await response.text().catch(() => '')
  const problem = Problem.safeParse(json(text))
  if (!problem.success)
    return new Stop(
      'unreachable',
      `${url} answered ${response.status}, but not as Viewport does.`,
      'Check the address, and what stands between here and there.',
    )
  const { detail, next, code, errors, facts } = problem.data
  // `body.` is where the API found it; whoever wrote a command has not written a body.
  const places =
    errors.length === 0 && facts
      ? [{ path: String(facts['where'] ?? ''), message: String(facts['why'] ?? '') }]
      : errors
  const wrong = places
    .filter(({ message }) => message !== '')
    .map(({ path, message }) => `${inLine(path.replace(/^(body|query|params)\./, ''))}: ${inLine(message)}`)
  const said =
    code !== 'invalid' || wrong.length === 0
      ? inLine(detail)
      : wrong.length === 1
        ? `Not taken: ${wrong[0]!.replace(/\.?$/, '.')}`
        : `Not taken:${wrong.map((one) => `\n  ${one}`).join('')}`
  // Commands come with a token, so there is no page to sign in on.
  const [what, then] =
    code === 'not_signed_in'
      ? [
          `${url} does not know this token: it was revoked, has run out, or is of another control plane.`,
          `Make one with \`${commandName()} token NAME\` on the machine where it runs.`,
        ]
      : [said, inLine(next)]
  return new Stop(code === 'invalid' ? 'usage' : 'refused', what, then, {
    code,
    status: response.status,
    ...(facts ? { facts } : {}),
    ...(errors.length > 0 ? { errors } : {}),
  })
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
