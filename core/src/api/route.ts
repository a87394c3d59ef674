/**
 * How is one route of the API described?
 * Method, path, schemas and who may call it. Server, web app, CLI and the OpenAPI document read the same table.
 */
import type { z } from 'zod'

export type Access = 'public' | 'signed-in' | 'admin'
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fastify style: /api/runs/:run */
  readonly path: `/${string}`
  readonly access: Access
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** JSON answer; 'bytes' streams application/octet-stream (or the named media); 'none' is 204 */
  readonly answer: z.ZodType | 'bytes' | 'none'
  readonly media?: string
  /** success status when it is not 200 (204 for 'none') */
  readonly status?: number
}

/** Keeps literal types of a route table. */
export const routeTable = <const T extends Record<string, Route>>(table: T): T => table
