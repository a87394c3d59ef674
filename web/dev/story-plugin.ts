/** Answers the API of the route table from the written story. Each answer is parsed with its route's schema, so that it cannot drift. */
import { routes, type RouteName } from '@viewportai/core/api/routes'
import type { Route } from '@viewportai/core/api/route'
import type { Connect, Plugin } from 'vite'
import { answers, bodyOf, logOf } from './answers.ts'

type Asked = { params: Record<string, string>; query: URLSearchParams }
const found = (method: string, path: string): { name: RouteName; asked: Record<string, string> } | null => {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    if (route.method !== method) continue
    const names: string[] = []
    const pattern = new RegExp(
      `^${route.path.replace(/:(\w+)/g, (_, param: string) => (names.push(param), '([^/]+)'))}$`,
    )
    const match = pattern.exec(path)
    if (match)
      return { name, asked: Object.fromEntries(names.map((param, at) => [param, decodeURIComponent(match[at + 1]!)])) }
  }
  return null
}

const problem = (status: number, code: string, detail: string, next: string) =>
  JSON.stringify({ type: `urn:viewport:problem:${code}`, title: 'No', status, detail, code, next, errors: [] })

const answer: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? '/', 'http://story')
  response.setHeader(
    'content-security-policy',
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws:",
  )
  if (!url.pathname.startsWith('/api/')) return next()
  if (url.pathname === '/api/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 1000\n\nevent: beat\ndata: {"everyMillis":600000000}\n\n') // it says nothing more
    return undefined
  }
  const route = found(request.method ?? 'GET', url.pathname)
  if (!route) {
    response.writeHead(404, { 'content-type': 'application/problem+json' })
    return void response.end(problem(404, 'not_found', `There is no address ${url.pathname} here.`, 'Check the id.'))
  }
  const asked: Asked = { params: route.asked, query: url.searchParams }
  if (route.name === 'body') {
    const bytes = bodyOf(asked.params['digest']!)
    if (!bytes) {
      response.writeHead(503, { 'content-type': 'application/problem+json' })
      return void response.end(
        problem(
          503,
          'body_away',
          'acme-mbp has the bytes and has not answered since 14:10.',
          'Start the runner again. For later runs, `viewport workspace change --bodies stored` keeps a copy here.',
        ),
      )
    }
    const from = Number(asked.query.get('offset') ?? 0)
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    return void response.end(bytes.subarray(from, from + Number(asked.query.get('length') ?? bytes.length)))
  }
  if (route.name === 'log') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    response.write(logOf(asked.params['step']!).slice(Number(asked.query.get('offset') ?? 0)))
    return asked.params['step'] === 'ci' ? undefined : void response.end()
  }
  const told = (answers as Partial<Record<RouteName, (asked: Asked) => unknown>>)[route.name]
  const schema = routes[route.name].answer
  if (!told || typeof schema === 'string') {
    response.writeHead(schema === 'none' ? 204 : 403, { 'content-type': 'application/problem+json' })
    return void response.end(
      schema === 'none'
        ? ''
        : problem(
            403,
            'not_allowed',
            'The story is only read: nothing is decided in it.',
            'Start the sample workspace.',
          ),
    )
  }
  const value = told(asked)
  if (value === null) {
    response.writeHead(404, { 'content-type': 'application/problem+json' })
    return void response.end(
      problem(
        404,
        'not_found',
        `There is no ${route.name} ${Object.values(asked.params)[0]} here.`,
        'Check how it is written; you may be signed in to another workspace.',
      ),
    )
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  return void response.end(JSON.stringify(schema.parse(value)))
}

export const story = (): Plugin => ({
  name: 'story',
  configureServer: (server) => void server.middlewares.use(answer),
  configurePreviewServer: (server) => void server.middlewares.use(answer),
})
