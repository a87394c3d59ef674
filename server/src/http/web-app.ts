/**
 * How do browsers get the web app?
 * Built files, hashed ones kept for ever; every other path is a place inside the app and gets its one page.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { refuse } from '@viewportai/core/refusal'
import { sendRefusal } from './problem.ts'

const folders = ['../../../web/dist/', '../web-dist/'] // of the clone, of the published package

/** Where the built web app is, or null. */
export const builtWebApp = (): string | null =>
  folders
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}/index.html`)) ?? null

/** Paths that are never a page. */
const machinePaths = /^\/(api|wire|hooks)(\/|$)/

/** Serves the app and answers every path that is nothing else. `folder` null: says how to build it. */
export const serveWebApp = async (app: FastifyInstance, folder: string | null): Promise<void> => {
  if (folder !== null) {
    await app.register(fastifyStatic, {
      root: folder,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) =>
        void reply.setHeader(
          'cache-control',
          /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
      globIgnore: ['index.html'],
      wildcard: false,
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const page =
      (request.method === 'GET' || request.method === 'HEAD') && !machinePaths.test(path) && !/\.\w+$/.test(path)
    if (!page) return sendRefusal(reply, refuse('not_found', { what: 'address', id: path.slice(0, 200) }))
    if (folder === null)
      return reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The web app is not built. In the clone: npm run prepare\n')
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').sendFile('index.html')
  })
}
