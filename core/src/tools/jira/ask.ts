/**
 * How is Jira Cloud asked? (REST v3, https://developer.atlassian.com/cloud/jira/platform/rest/v3/)
 * An answer is a body, a no in Jira's words, a limit, or nothing that can be understood.
 */
import { toBase64 } from '../../packet/base64.ts'
import { bytesOf } from '../../packet/utf8.ts'
import { brokeOff, Ended, failed } from '../ended.ts'
import type { Asked, Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { siteOf } from './fields.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each caller parses the part it uses
export type Told = Record<string, any>
/** `limited`: milliseconds to wait. `no`: it was refused, nothing happened. `unclear`: it may have happened. */
export type Came =
  | { readonly body: Told }
  | { readonly limited: number }
  | { readonly no: string; readonly status: number }
  | { readonly unclear: string }

/** Asks below `/rest/api/3`. Throws NotSent or NoWholeAnswer. */
export const askJira = async (
  { settings, secrets }: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
  method: Asked['method'],
  path: string,
  body?: unknown,
  timeoutMillis?: number,
): Promise<Came> => {
  const { status, headers, text } = await outside.ask({
    method,
    url: `${siteOf(settings)}/rest/api/3${path}`,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${toBase64(bytesOf(`${settings['email']}:${secrets['token']}`))}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
  })
  if (status === 429) {
    const after = Number(headers['retry-after'])
    return { limited: Number.isFinite(after) && after > 0 ? after * 1_000 : 60_000 }
  }
  if (status >= 500 || status < 200) return { unclear: `Jira answered ${status}` }
  const told = jsonIn(text)
  // A redirect is followed nowhere, and a page to log in is no answer.
  if (status >= 300) return { no: wordsOf(told) || `it answered ${status}`, status }
  if (told === null && text.trim() !== '')
    return { unclear: `Jira answered ${status} and nothing that can be understood` }
  return { body: told ?? {} }
}

/** The body, or it throws in words. For questions of no effect. */
export const bodyOf = (came: Came): Told => {
  if ('body' in came) return came.body
  if ('limited' in came) throw new Error(`Jira limits the rate for ${Math.ceil(came.limited / 1_000)} s`)
  throw new Error('no' in came ? `Jira says: ${came.no}` : came.unclear)
}

export type Ask = (method: Asked['method'], path: string, body?: unknown) => Promise<Told>

/** For effects: the body, or it throws Ended. What broke off while it was written may have happened. */
export const asking =
  (connection: Connection, outside: Outside): Ask =>
  async (method, path, body) => {
    const came = await askJira(connection, outside, method, path, body)
    if ('body' in came) return came.body
    if ('limited' in came) throw new Ended({ is: 'later', why: 'Jira limits the rate', afterMillis: came.limited })
    if ('unclear' in came) throw brokeOff(method === 'GET' ? 'read' : 'write', came.unclear)
    throw failed(
      came.status === 404 ? 'not_found_there' : 'refused_there',
      `Jira says no: ${came.no}.`,
      'See what Jira says, and whether the account may do this.',
    )
  }

/** The id of what was just made. Throws Ended: without one nobody knows whether it was. */
export const madeId = (made: Told): string => {
  const id = made['id'] as unknown
  if ((typeof id === 'string' && id !== '') || typeof id === 'number') return String(id)
  throw new Ended({ is: 'unsure', why: 'Jira took it, and does not say what it made' })
}

const jsonIn = (text: string): Told | null => {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

/** Jira's own words, one line. They come from outside: they are shown, never acted upon. */
const wordsOf = (told: Told | null): string =>
  [...((told?.['errorMessages'] ?? []) as unknown[]), ...Object.values((told?.['errors'] ?? {}) as object)]
    .filter((one): one is string => typeof one === 'string')
    .join('; ')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '')
    .slice(0, 300)
