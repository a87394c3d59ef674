/**
 * How does a program call the API with types?
 * `client(send)` gives one function per route of the table. It never knows about cookies or tokens: `send` does.
 */
import type { z } from 'zod'
import { routes, type RouteName } from './routes.ts'
import type { Route } from './route.ts'

type Input<T> = T extends z.ZodType ? z.input<T> : never
type Part<R extends Route, K extends 'params' | 'query' | 'body'> = R[K] extends z.ZodType
  ? {} extends Input<R[K]>
    ? { [P in K]?: Input<R[K]> }
    : { [P in K]: Input<R[K]> }
  : {}
/** What a call of route N takes: params, query and body where the route has them. */
export type CallOf<N extends RouteName> = Part<(typeof routes)[N], 'params'> &
  Part<(typeof routes)[N], 'query'> &
  Part<(typeof routes)[N], 'body'>
/** What a route's answer needs of a response; the platform's `Response` fits. */
export type Reply = { json(): Promise<unknown> }
/** What a call of route N gives: the parsed answer, the raw response for bytes, nothing for none. */
export type AnswerOf<N extends RouteName, R extends Reply> = (typeof routes)[N]['answer'] extends infer A
  ? A extends z.ZodType
    ? z.output<A>
    : A extends 'bytes'
      ? R
      : void
  : never
/** Sends one request; answers with a successful response or throws. */
export type Send<R extends Reply> = (request: {
  name: RouteName
  method: string
  path: string
  body: string | null
}) => Promise<R>
export type Client<R extends Reply> = {
  [N in RouteName]: (...call: {} extends CallOf<N> ? [call?: CallOf<N>] : [call: CallOf<N>]) => Promise<AnswerOf<N, R>>
}

/** The path of a route with its params and query filled in. Throws when a param is missing. */
export const pathOf = (
  route: Route,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string => {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined || value === '') throw new TypeError(`${route.path} needs ${name}`)
    return encodeURIComponent(String(value))
  })
  const search = Object.entries(query).flatMap(([k, v]) =>
    v === undefined || v === null ? [] : [`${encodeURIComponent(k)}=${encodeURIComponent(String(v))}`],
  )
  return search.length ? `${path}?${search.join('&')}` : path
}

/** One function per route. Answers are parsed with the route's schema, so that a drifted server is noticed at the door. */
export const client = <R extends Reply>(send: Send<R>): Client<R> => {
  const call = async (
    name: RouteName,
    input: { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown } = {},
  ): Promise<unknown> => {
    const route: Route = routes[name]
    const response = await send({
      name,
      method: route.method,
      path: pathOf(route, input.params, input.query),
      body: route.body ? JSON.stringify(input.body ?? {}) : null,
    })
    if (route.answer === 'none') return undefined
    if (route.answer === 'bytes') return response
    return route.answer.parse(await response.json())
  }
  return Object.fromEntries(
    (Object.keys(routes) as RouteName[]).map((name) => [name, (input?: object) => call(name, input)]),
  ) as unknown as Client<R>
}
