/**
 * How does a route of core's table become a route of this server?
 * Origin, sign-in, csrf word, access, then schemas, in this order for every route; what the code behind it gives is sent as
 * the table says. No route can forget one of them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Route } from '@viewportai/core/api/route'
import { routes, type RouteName } from '@viewportai/core/api/routes'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Asker } from '../sign-in/asker.ts'
import { sameText } from '../sign-in/secret.ts'
import type { Answers, Asked, Bytes } from './answers.ts'
import { sendBytes } from './bytes.ts'
import { bringsMuch, strangersBody } from './read-body.ts'
import { leftSignal } from './left.ts'
import { firstUnwritable, unwritableWords } from './unwritable.ts'
import type { OwnAddress } from './own-address.ts'
import { invalidRequest, problemOf, sendProblem, sendRefusal } from './problem.ts'
import { foreignSite } from './same-site.ts'

type Door = {
  readonly own: OwnAddress
  readonly asker: (request: FastifyRequest) => Promise<Asker | null>
  /** Told when a change that takes an admin was asked for by somebody who is none, before they are answered. */
  readonly refused: (asker: Asker, route: RouteName, params: unknown, refusal: Refusal) => Promise<void>
  /** Hold every answer against its schema; for tests and development, where a drift must be loud. */
  readonly checkAnswers: boolean
}

/** Adds every route of the table. `answers` has one function for each, or it does not compile. */
export const serveRoutes = (app: FastifyInstance, door: Door, answers: Answers): void => {
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name]
    const answer = answers[name] as (asked: Asked<RouteName>) => Promise<unknown>
    app.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: false, // a HEAD would run the code behind the route
      ...(route.access === 'public' ? { config: { bodyMost: strangersBody } } : {}),
      async onRequest(request, reply) {
        if (!bringsMuch(request)) return undefined
        const admitted = await letIn(door, name, request)
        return isRefusal(admitted) ? sendRefusal(reply, admitted) : undefined
      },
      // Asked again where it was asked before: a body may take two minutes, and who sends it may have lost what they had.
      handler: async (request, reply) => {
        const admitted = await letIn(door, name, request)
        if (isRefusal(admitted)) return sendRefusal(reply, admitted)
        const parts = readParts(route, request)
        if ('refusal' in parts) return sendProblem(reply, problemOf(parts.refusal, parts.errors))
        const given = await answer({
          ...parts,
          asker: admitted,
          request,
          reply,
          left: leftSignal(request, reply),
        } as unknown as Asked<RouteName>)
        if (isRefusal(given)) return sendRefusal(reply, given)
        return send(door, name, route, reply, given)
      },
    })
  }
}

/** The asker (null for a public route without one) or why not. */
const letIn = async (door: Door, name: RouteName, request: FastifyRequest): Promise<Asker | null | Refusal> => {
  const route: Route = routes[name]
  const safe = route.method === 'GET'
  const foreign = foreignSite(door.own, request.headers, safe)
  if (foreign) return foreign
  if (route.access === 'public') return null
  const asker = await door.asker(request)
  if (!asker) return refuse('not_signed_in')
  if (!safe && asker.by.auth === 'session' && !sameText(String(request.headers['viewport-csrf'] ?? ''), asker.by.csrf))
    return refuse('csrf_missing')
  if (route.access !== 'admin' || asker.role === 'admin') return asker
  const refusal = refuse('not_allowed', { who: `@${asker.handle}`, why: 'it takes a workspace admin' })
  if (!safe) await door.refused(asker, name, request.params, refusal)
  return refusal
}

type Parts = { params: unknown; query: unknown; body: unknown }

const readParts = (route: Route, request: FastifyRequest): Parts | ReturnType<typeof invalidRequest> => {
  const wrong: Parameters<typeof invalidRequest>[0][number][] = []
  const unwritable: string[] = []
  const read = (part: 'params' | 'query' | 'body', value: unknown): unknown => {
    const schema = route[part]
    if (!schema) return undefined
    const parsed = schema.safeParse(value)
    const odd = firstUnwritable(value, part)
    if (!parsed.success) wrong.push({ part, error: parsed.error })
    else if (odd !== null) unwritable.push(odd)
    return parsed.data
  }
  const parts = {
    params: read('params', request.params),
    query: read('query', request.query),
    body: read('body', request.body ?? {}),
  }
  if (wrong.length > 0) return invalidRequest(wrong)
  const [where] = unwritable
  if (where === undefined) return parts
  const why = unwritableWords
  return { refusal: refuse('invalid', { where, why }), errors: unwritable.map((path) => ({ path, message: why })) }
}

const send = (door: Door, name: RouteName, route: Route, reply: FastifyReply, given: unknown): FastifyReply => {
  reply.header('cache-control', 'no-store')
  if (route.answer === 'none') return reply.code(route.status ?? 204).send()
  reply.code(route.status ?? 200)
  if (route.answer === 'bytes') return sendBytes(reply, given as Bytes, route.media ?? 'application/octet-stream')
  if (door.checkAnswers) {
    const checked = route.answer.safeParse(given)
    if (!checked.success) throw new Error(`The answer of ${name} does not fit its schema`, { cause: checked.error })
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(given))
}
