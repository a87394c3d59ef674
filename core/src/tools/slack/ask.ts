/**
 * How is Slack asked? (Web API, https://docs.slack.dev/apis/web-api)
 * Every method takes a form; nested values stand in it as JSON. Slack says no with 200 and a code of its own.
 */
import { trimmedEnd } from '../../trimmed.ts'
import type { Answered, Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { wordsFor } from './errors.ts'
import { URLSearchParams } from '../url.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each caller parses the part it uses
export type Told = Record<string, any>
/** `limited`: milliseconds to wait. `no`: Slack's own code, nothing happened; `words`: what it means. `unclear`: it may have happened. */
export type Came =
  | { readonly data: Told; readonly headers: Readonly<Record<string, string>> }
  | { readonly limited: number }
  | { readonly no: string; readonly words: { readonly says: string; readonly check: string } }
  | { readonly unclear: string }

type Params = Readonly<Record<string, string | number | boolean | object | undefined>>
export type Asking = { readonly token?: 'token' | 'app'; readonly timeoutMillis?: number }

/** Asks one method. `token`: the bot's, or the app's. Throws NotSent or NoWholeAnswer. */
export const askSlack = async (
  { settings, secrets }: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
  method: string,
  params: Params = {},
  { token = 'token', timeoutMillis }: Asking = {},
): Promise<Came> => {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  const answered = await outside.ask({
    method: 'POST',
    url: `${trimmedEnd(settings['base']!, '/')}/api/${method}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: `Bearer ${secrets[token] ?? ''}`,
    },
    body: form.toString(),
    ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
  })
  return judged(answered)
}

/** Codes by which Slack says that it broke: whether it did what was asked is open. */
const broken = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'])

const judged = ({ status, headers, text }: Answered): Came => {
  const body = jsonIn(text)
  const code = typeof body?.['error'] === 'string' ? body['error'].slice(0, 80) : null
  if (status === 429 || code === 'ratelimited' || code === 'rate_limited') return { limited: pauseIn(headers) }
  if (status >= 500 || (code !== null && broken.has(code)))
    return { unclear: `Slack answered ${code === null ? status : code}` }
  if (body?.['ok'] === true && status === 200) return { data: body, headers }
  if (code !== null) return { no: code, words: wordsFor(code, body!) }
  if (status >= 400) return { no: `http_${status}`, words: wordsFor(`http_${status}`, {}) }
  return { unclear: `Slack answered ${status} and nothing that can be understood` }
}

/** For questions that change nothing: the data, or it throws in words. */
export const dataOf = (came: Came): Told => {
  if ('data' in came) return came.data
  if ('limited' in came) throw new Error(`Slack limits the rate for ${Math.ceil(came.limited / 1_000)} s`)
  throw new Error('no' in came ? came.words.says : came.unclear)
}

const jsonIn = (text: string): Told | null => {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** Slack tells in seconds when to come back. */
const pauseIn = (headers: Readonly<Record<string, string>>): number => {
  const after = Number(headers['retry-after'])
  return headers['retry-after'] !== undefined && Number.isFinite(after)
    ? Math.min(3_600, Math.max(1, after)) * 1_000
    : 30_000
}
