/**
 * What does the code behind a route get, and what may it give back?
 * One function per route of core's table. It gives a value, a refusal, or bytes; status, headers and schemas are not its business.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { RouteName, routes } from '@viewportai/core/api/routes'
import type { Refusal } from '@viewportai/core/refusal'
import type { Asker } from '../sign-in/asker.ts'

type Table = typeof routes
type Part<N extends RouteName, K extends string> =
  Table[N] extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined

/** A request that was let in: its parts are valid, its asker has the access the route asks for. */
export type Asked<N extends RouteName> = {
  readonly params: Part<N, 'params'>
  readonly query: Part<N, 'query'>
  readonly body: Part<N, 'body'>
  readonly asker: Table[N]['access'] extends 'public' ? null : Asker
  /** For what only sign-in needs: cookies, address. */
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Aborts when the client has left. */
  readonly left: AbortSignal
}

/** Bytes to be saved, never shown by the browser itself. `name`: of the file; `media`: where it is not the route's. */
export type Bytes = {
  readonly bytes: AsyncIterable<Uint8Array> | Uint8Array
  readonly name: string
  readonly media?: string
  readonly total?: number
}

export type Given<N extends RouteName> = Table[N]['answer'] extends infer A
  ? A extends z.ZodType
    ? z.input<A>
    : A extends 'bytes'
      ? Bytes
      : void
  : never

/** The code behind every route. A folder gives a part of it; the program is complete when all parts together are. */
export type Answers = { readonly [N in RouteName]: (asked: Asked<N>) => Promise<Given<N> | Refusal> }
