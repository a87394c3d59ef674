/**
 * How is GitHub's REST API asked?
 * Always the same version of the API; every answer, also an error, comes back with its headers, and limits are read from them.
 */
import { trimmedEnd } from '../../trimmed.ts'
import type { Outside, Asked } from '../outside.ts'
import { URL } from '../url.ts'

export type Came = {
  readonly status: number
  /** When it was answered (ms since 1970). */
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; null when there is no JSON in it. */
  readonly body: unknown
}
export type Ask = (
  method: Asked['method'],
  path: string,
  more?: { readonly body?: unknown; readonly etag?: string | undefined; readonly timeoutMillis?: number },
) => Promise<Came>

/** Asks below the API's address. Throws NotSent or NoWholeAnswer. */
export const askWith = async (
  { settings, token }: { settings: Readonly<Record<string, string>>; token: string },
  outside: Outside,
  method: Asked['method'],
  path: string,
  { body, etag, timeoutMillis }: { body?: unknown; etag?: string; timeoutMillis?: number } = {},
): Promise<Came> => {
  const { status, headers, text } = await outside.ask({
    method,
    url: `${baseOf(settings)}${path}`,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
  })
  return { status, at: outside.now(), headers, body: jsonIn(text) }
}

export const baseOf = (settings: Readonly<Record<string, string>>): string => trimmedEnd(settings['base']!, '/')

/** GraphQL's path below that. At GitHub Enterprise Server it stands beside /api/v3. */
export const graphqlPath = (settings: Readonly<Record<string, string>>): string =>
  baseOf(settings).endsWith('/api/v3') ? '/../graphql' : '/graphql'

/**
 * The host of pages and of git, for the API's address. github.com and Enterprise Cloud with data residency (`api.acme.ghe.com`) have the API on a host of its own, a server of
 * one's own (`ghe.acme.dev/api/v3`) has not.
 */
export const webHostOf = (settings: Readonly<Record<string, string>>): string =>
  new URL(baseOf(settings)).host.replace(/^api\.(github\.com|[a-z0-9-]+\.ghe\.com)$/, '$1')

/** Why this cannot be the address of an API of GitHub, with what to write; null: it can. */
export const baseFlaw = (base: string): string | null => {
  const url = URL.canParse(base) ? new URL(base) : null
  if (url === null || !/^https?:$/.test(url.protocol) || /[@?#]/.test(base))
    return `"${base}" is not the address of an API, like https://api.github.com or https://HOST/api/v3.`
  const page = /^(?:www\.)?(github\.com|[a-z0-9-]+\.ghe\.com)$/.exec(url.host)?.[1]
  return page === undefined || page === 'api.ghe.com'
    ? null
    : `"${base}" is where people open GitHub; its API is at https://api.${page}.`
}

/** Of an answer that no API of GitHub gives: what may be wrong with the address, a sentence; else nothing. */
export const addressHint = (base: string, { status, body }: Pick<Came, 'status' | 'body'>): string =>
  new URL(base).host === webHostOf({ base }) &&
  !new URL(base).pathname.includes('/api/v3') &&
  (status === 404 || body === null)
    ? ` The address of an API at a server of your own ends in /api/v3: ${new URL(base).origin}/api/v3.`
    : ''

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** Seconds-exact waits of GitHub's limits: milliseconds, or null when the answer is not about a limit. */
export const limitIn = ({ status, at, headers, body }: Came): number | null => {
  if (status !== 403 && status !== 429) return null
  const after = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(1, after) * 1_000
  if (headers['x-ratelimit-remaining'] === '0') {
    const reset = Number(headers['x-ratelimit-reset']) * 1_000
    return Number.isFinite(reset) ? Math.max(1_000, reset - at + 1_000) : 60_000
  }
  // A secondary limit may come with no header: GitHub asks for a minute then.
  return status === 429 || /rate limit|abuse/i.test(messageIn(body)) ? 60_000 : null
}

/** GitHub's own words about an error, one line. They come from outside: they are shown, never acted upon. */
export const messageIn = (body: unknown): string => {
  const { message, errors } = (body ?? {}) as { message?: unknown; errors?: unknown }
  const more = Array.isArray(errors)
    ? errors.map((one: unknown) => (typeof one === 'string' ? one : ((one as { message?: string })?.message ?? '')))
    : []
  return [typeof message === 'string' ? message : '', ...more]
    .filter((one) => typeof one === 'string' && one !== '')
    .join('; ')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

/** The address of the next page within the API, or null. */
export const nextPage = (came: Came, settings: Readonly<Record<string, string>>): string | null =>
  relIn(came, settings, 'next')
export const lastPage = (came: Came, settings: Readonly<Record<string, string>>): string | null =>
  relIn(came, settings, 'last')
export const previousPage = (came: Came, settings: Readonly<Record<string, string>>): string | null =>
  relIn(came, settings, 'prev')

const relIn = ({ headers }: Came, settings: Readonly<Record<string, string>>, rel: string): string | null => {
  const link = new RegExp(`<([^>]{1,2000})>;\\s*rel="${rel}"`).exec(headers['link'] ?? '')?.[1]
  const base = `${baseOf(settings)}/`
  return link?.startsWith(base) ? link.slice(base.length - 1) : null
}
