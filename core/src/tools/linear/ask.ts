/**
 * How is Linear asked? (GraphQL, https://linear.app/developers/graphql)
 * With the few fields that are needed: a query has a price there, and what asks for all fields is refused. An answer is data, a no in
 * Linear's words, a limit, or nothing that can be understood.
 */
import { trimmedEnd } from '../../trimmed.ts'
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each caller parses the part it uses
export type Told = Record<string, any>
/** `limited`: milliseconds to wait. `no`: it was refused, nothing happened. `unclear`: it may have happened. */
export type Came =
  | { readonly data: Told }
  | { readonly limited: number }
  | { readonly no: string }
  | { readonly unclear: string }

/** Throws NotSent or NoWholeAnswer. */
export const askLinear = async (
  { settings, secrets }: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  timeoutMillis?: number,
): Promise<Came> => {
  const key = secrets['key'] ?? ''
  const { status, headers, text } = await outside.ask({
    method: 'POST',
    url: `${trimmedEnd(settings['base']!, '/')}/graphql`,
    headers: {
      'content-type': 'application/json',
      authorization: key.startsWith('lin_oauth_') ? `Bearer ${key}` : key,
    },
    body: JSON.stringify({ query, variables }),
    ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
  })
  const body = jsonIn(text)
  const errors = Array.isArray(body?.['errors']) ? (body['errors'] as Told[]) : []
  // Linear says a limit with 400 and a code of its own.
  if (status === 429 || errors.some((one) => one['extensions']?.['code'] === 'RATELIMITED'))
    return { limited: pauseIn(headers, outside.now()) }
  if (status >= 500) return { unclear: `Linear answered ${status}` }
  if (errors.length > 0) return { no: wordsOf(errors) }
  if (status === 401 || status === 403) return { no: 'it does not accept the API key' }
  if (status >= 400) return { no: `it answered ${status}` }
  if (status !== 200 || typeof body?.['data'] !== 'object' || body['data'] === null)
    return { unclear: `Linear answered ${status} and nothing that can be understood` }
  return { data: body['data'] as Told }
}

/** For questions that change nothing: the data, or it throws in words. */
export const dataOf = (came: Came): Told => {
  if ('data' in came) return came.data
  if ('limited' in came) throw new Error(`Linear limits the rate for ${Math.ceil(came.limited / 1_000)} s`)
  throw new Error('no' in came ? `Linear says: ${came.no}` : came.unclear)
}

const jsonIn = (text: string): Told | null => {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

/** Linear's own words, one line. They come from outside: they are shown, never acted upon. */
const wordsOf = (errors: readonly Told[]): string =>
  errors
    .map((one) => one['extensions']?.['userPresentableMessage'] ?? one['message'])
    .filter((one): one is string => typeof one === 'string')
    .join('; ')
    .replace(/\s+/g, ' ')
    .slice(0, 300) || 'it was refused without a reason'

/** Linear tells when a limit ends in milliseconds since 1970. */
const pauseIn = (headers: Readonly<Record<string, string>>, now: number): number => {
  const after = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(1, after) * 1_000
  const reset = Math.max(
    ...['x-ratelimit-requests-reset', 'x-ratelimit-complexity-reset'].map((name) => Number(headers[name] ?? 0) || 0),
  )
  return reset > now ? Math.min(3_600_000, reset - now + 1_000) : 60_000
}
