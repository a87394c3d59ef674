/** How is GitLab's REST API (v4) asked? Every answer, also an error, comes back; limits and words are read from it. https://docs.gitlab.com/api/rest */
import { good as judged } from '../forge-answer.ts'
import type { Asked, Outside } from '../outside.ts'
import { onlyThere } from '../place.ts'
import type { Connection } from '../port.ts'
import { baseOf } from './fields.ts'

export type Came = {
  readonly status: number
  /** When it was answered (ms since 1970). */
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; null when there is no JSON in it. */
  readonly body: unknown
}
export type Ask = (method: Asked['method'], path: string, body?: unknown) => Promise<Came>

/** Asks below `/api/v4`, and writes nothing where a project's name means another one than it did. Throws NotSent, NoWholeAnswer or Ended. */
export const askerFor = (
  { settings, secrets }: Pick<Connection, 'settings' | 'secrets'>,
  outside: Outside,
  timeoutMillis?: number,
): Ask => {
  const ask: Ask = async (method, path, body) => {
    const { status, headers, text } = await outside.ask({
      method,
      url: `${baseOf(settings)}/api/v4${path}`,
      headers: {
        accept: 'application/json',
        'private-token': secrets['token'] ?? '',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
    })
    return { status, at: outside.now(), headers, body: jsonIn(text) }
  }
  const look = async (project: string): Promise<string> => {
    const { id } = good(await ask('GET', projectPath(project)), 'see which project it is', 'read') as { id?: unknown }
    return String(id)
  }
  return onlyThere(settings, projectIn, look, ask)
}

/** The name of a project in a path that has it; one by its number needs none. */
const projectIn = (path: string): string | null => {
  const named = /^\/projects\/([^/?]+)/.exec(path)?.[1] ?? ''
  return named === '' || /^\d+$/.test(named) ? null : decodeURIComponent(named)
}

/** The path of a project: its name is one word of it. */
export const projectPath = (name: string | number): string => `/projects/${encodeURIComponent(name)}`

/** The body of a good answer. Throws Ended. */
export const good = (came: Came, what: string, kind: 'read' | 'write'): unknown =>
  judged({ ...came, title: 'GitLab', limit: limitIn(came), said: messageIn(came.body), needs: '' }, what, kind)

/** Milliseconds that GitLab asks to wait; null: the answer is not about a limit. */
export const limitIn = ({ status, at, headers }: Came): number | null => {
  if (status !== 429) return null
  const after = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(1, after) * 1_000
  const reset = Number(headers['ratelimit-reset']) * 1_000
  return reset > at ? Math.min(3_600_000, reset - at + 1_000) : 60_000
}

/** GitLab's own words about an error, one line. They come from outside: they are shown, never acted upon. */
export const messageIn = (body: unknown): string => {
  const { message, error, error_description: more } = (body ?? {}) as Record<string, unknown>
  const words = (value: unknown): string =>
    typeof value === 'string'
      ? value
      : Array.isArray(value)
        ? value.map(words).join('; ')
        : typeof value === 'object' && value !== null
          ? Object.entries(value)
              .map(([name, inside]) => `${name}: ${words(inside)}`)
              .join('; ')
          : ''
  return [message, error, more]
    .map(words)
    .filter((one) => one !== '')
    .join('; ')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

/** The number of the next page, or null. */
export const nextPage = ({ headers }: Came): string | null =>
  /^\d{1,9}$/.test(headers['x-next-page'] ?? '') ? headers['x-next-page']! : null

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
