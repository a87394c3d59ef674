// How does a scenario talk to a control plane? As any program would: over HTTP, with a token or a session.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Json = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- answers are looked into, not typed
export type Caller = {
  url: string
  get(path: string): Promise<Json>
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Json>
}

/** An answer that was not a success. */
export class Answered extends Error {
  readonly status: number
  readonly problem: Json
  constructor(status: number, problem: Json) {
    super(`${status}: ${JSON.stringify(problem)}`)
    this.status = status
    this.problem = problem
  }
}

/** As whoever a token belongs to. */
export const caller = (url: string, token: string): Caller => callerWith(url, { authorization: `Bearer ${token}` })

/** As the person who opens the address that a start printed, once. `at`: where it is reached, when that is not the address itself. */
export const signedIn = async (said: string, at?: string): Promise<Caller> => {
  const { url, secret } = addressIn(said)
  const to = at ?? url
  const opened = await fetch(`${to}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  })
  if (!opened.ok) throw new Answered(opened.status, (await opened.json()) as Json)
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
  const { csrf } = await callerWith(to, { cookie }).get('/api/me')
  return callerWith(to, { cookie, 'viewport-csrf': csrf as string })
}

const callerWith = (url: string, who: Record<string, string>): Caller => {
  const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...who,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const value = text === '' ? {} : (JSON.parse(text) as Json)
    if (!response.ok) throw new Answered(response.status, value)
    return value
  }
  return { url, get: (path) => call('GET', path), send: (method, path, body = {}) => call(method, path, body) }
}

/** As the admin of the Viewport that runs on this data folder. */
export const localAdmin = (data: string): Caller => {
  const { url, token } = JSON.parse(readFileSync(join(data, 'login.json'), 'utf8')) as { url: string; token: string }
  return caller(url, token)
}

/** The facts of a run, in order. */
export const factsOf = async (admin: Caller, number: number): Promise<Json[]> =>
  (await admin.get(`/api/runs/${number}/facts`))['facts'].map(({ text }: { text: string }) => JSON.parse(text) as Json)

/** The one address that a start prints. */
export const addressIn = (said: string): { url: string; secret: string } => {
  const found = [...said.matchAll(/(http:\/\/\S+)\/sign-in#(\S+)/g)]
  if (found.length !== 1) throw new Error(`${found.length} sign-in addresses were printed:\n${said}`)
  return { url: found[0]![1]!, secret: found[0]![2]! }
}
