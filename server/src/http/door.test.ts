import http from 'node:http'
import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { Problem } from '@viewportai/core/api/problem'
import { refusals } from '@viewportai/core/refusal'
import { send, testPlane } from '../../test/plane.ts'
import { openapi } from './openapi.ts'
import { ownAddress } from './own-address.ts'

const { workspace, url } = await testPlane()
const acme = await workspace('acme')
const { cookie } = acme.admin.headers as { cookie: string }
const csrf = acme.admin.headers['viewport-csrf']!
let teams = 0
/** Tries to add a team; tells what came and whether the team is there. */
const change = async (headers: Record<string, string>, more: { body?: unknown } = {}) => {
  const slug = `team-${++teams}`
  const came = await send(url, 'POST', '/api/teams', { body: more.body ?? { slug, name: slug }, headers })
  const { teams: now } = (await acme.admin.get('/api/people')).body
  return { ...came, done: now.some((one: { slug: string }) => one.slug === slug) }
}
/** A request as bytes on a socket, for what fetch would not send. */
const raw = async (
  options: http.RequestOptions,
  body = '',
): Promise<{ status: number; text: string; headers: http.IncomingHttpHeaders }> => {
  const { hostname, port } = new URL(url)
  const request = http.request({ hostname, port, ...options }).end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode!, text, headers: response.headers }
}

describe('a change is made by a page of ours or by a token, and by nothing else', () => {
  test('with the cookie and the csrf word of its session, from our own origin', async () => {
    expect(await change({ cookie, 'viewport-csrf': csrf, origin: url, 'sec-fetch-site': 'same-origin' })).toMatchObject(
      { status: 201, done: true },
    )
  })

  test.each([
    ['another origin', { origin: 'https://evil.example', 'viewport-csrf': csrf }, 'cross_origin'],
    ['another port of this host', { origin: 'http://127.0.0.1:9', 'viewport-csrf': csrf }, 'cross_origin'],
    ['https in the name of http', { origin: url.replace('http:', 'https:'), 'viewport-csrf': csrf }, 'cross_origin'],
    [
      'our address as the beginning of another',
      { origin: `${url}.evil.example`, 'viewport-csrf': csrf },
      'cross_origin',
    ],
    ['no origin to speak of', { origin: 'null', 'viewport-csrf': csrf }, 'cross_origin'],
    [
      'another site, by fetch metadata alone',
      { 'sec-fetch-site': 'cross-site', 'viewport-csrf': csrf },
      'cross_origin',
    ],
    ['a neighbour of our site', { 'sec-fetch-site': 'same-site', 'viewport-csrf': csrf }, 'cross_origin'],
    ['our origin without the csrf word', { origin: url }, 'csrf_missing'],
    ['no origin and no csrf word', {}, 'csrf_missing'],
    ['our origin with another csrf word', { origin: url, 'viewport-csrf': `${csrf}x` }, 'csrf_missing'],
    ['our origin with an empty csrf word', { origin: url, 'viewport-csrf': '' }, 'csrf_missing'],
  ])('not from %s', async (_, headers, code) => {
    const came = await change({ cookie, ...(headers as Record<string, string>) })
    expect(came).toMatchObject({ status: 403, done: false, body: { code } })
  })

  test('not as a form', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const came = await change(
        { cookie, 'viewport-csrf': csrf, 'content-type': type },
        { body: '{"slug":"x","name":"x"}' },
      )
      expect(came).toMatchObject({ status: 415, done: false, body: { code: 'media_refused' } })
    }
  })

  test('not by looking: GET and HEAD change nothing, and other methods do not exist', async () => {
    for (const method of ['GET', 'HEAD', 'PATCH'])
      expect((await raw({ method, path: '/api/teams', headers: { cookie, host: new URL(url).host } })).status).toBe(404)
    expect(
      (
        await raw({
          method: 'POST',
          path: '/api/teams?_method=GET',
          headers: { cookie, host: new URL(url).host, 'x-http-method-override': 'GET' },
        })
      ).status,
    ).toBe(403)
  })

  test('and other sites read nothing either', async () => {
    expect(
      (await send(url, 'GET', '/api/people', { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).body.code,
    ).toBe('cross_origin')
    expect((await send(url, 'GET', '/api/people', { headers: { cookie, 'sec-fetch-site': 'none' } })).status).toBe(200) // the address bar
    const headers = (await send(url, 'GET', '/api/people', { headers: { cookie, origin: url } })).headers
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('the host', () => {
  const { port } = new URL(url)
  test.each([`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`])('%s is ours', async (host) => {
    expect((await raw({ path: '/api/me', headers: { host, cookie } })).status).toBe(200)
  })
  test.each([
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1.nip.io:${port}`,
    '169.254.169.254',
    `localhost:${port}.evil.example`,
  ])('%s is not', async (host) => {
    const came = await raw({ path: '/api/me', headers: { host, cookie } })
    expect(came.status).toBe(421)
    expect(JSON.parse(came.text).code).toBe('wrong_host')
  })
  test('health answers whoever asks, and is ready once work goes on', async () => {
    const health = async () => (await raw({ path: '/healthz', headers: { host: '10.0.0.7:80' } })).text
    expect(await health()).toMatch(/^{"viewport":"\d+\.\d+\.\d+","ready":(true|false),"stuck":0}$/)
    await vi.waitFor(async () => expect(JSON.parse(await health()).ready).toBe(true), { timeout: 20_000 })
  })
  test('of a replica is for runners, and the usual port is not written', () => {
    const own = ownAddress('https://viewport.acme.dev', '::', () => 80, 'http://10.0.0.5:7800')
    expect(['10.0.0.5:7800', 'localhost', '[::1]', '127.0.0.1'].map((host) => own.isHost(host))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(own.isOrigin('http://10.0.0.5:7800')).toBe(false)
    expect(ownAddress(null, '0.0.0.0', () => 7_171).url).toBe('http://localhost:7171')
    expect(ownAddress(null, '::1', () => 7_171).url).toBe('http://[::1]:7171')
  })

  test('behind a public address, that one and loopback count, each with its own scheme', () => {
    const own = ownAddress('https://viewport.acme.dev', '0.0.0.0', () => 7_800)
    expect([own.url, own.secure]).toEqual(['https://viewport.acme.dev', true])
    expect(['viewport.acme.dev', 'localhost:7800', 'Viewport.Acme.Dev'].map((host) => own.isHost(host))).toEqual([
      true,
      true,
      true,
    ])
    expect(['viewport.acme.dev:7800', 'acme.dev', undefined].map((host) => own.isHost(host))).toEqual([
      false,
      false,
      false,
    ])
    expect(['https://viewport.acme.dev', 'http://localhost:7800'].map((origin) => own.isOrigin(origin))).toEqual([
      true,
      true,
    ])
    expect(
      ['http://viewport.acme.dev', 'https://localhost:7800', 'https://viewport.acme.dev.evil.example', 'null', ''].map(
        (origin) => own.isOrigin(origin),
      ),
    ).toEqual([false, false, false, false, false])
  })
})

describe('bad input', () => {
  const post = (body: string, path = '/api/teams') =>
    acme.admin.call('POST', path, body, { 'content-type': 'application/json' })
  test.each([
    ['no JSON', '{"slug":', 'body'],
    ['a key twice', '{"slug":"a","slug":"b","name":"x"}', 'body'],
    ['__proto__', '{"slug":"a","name":"x","__proto__":{"admin":true}}', 'body'],
    ['five hundred levels', `${'['.repeat(500)}${']'.repeat(500)}`, 'body'],
    ['a list', '[]', 'body'],
    ['an unknown key', '{"slug":"a","name":"x","admin":true}', 'body.admin'],
    ['another type', '{"slug":7,"name":"x"}', 'body.slug'],
    ['NUL', '{"slug":"a","name":"x\\u0000y"}', 'body.name'],
    ['half a character', '{"slug":"a","name":"x\\ud800"}', 'body.name'],
    ['nothing', '', 'body.slug'],
  ])('%s is refused with its place', async (_, body, where) => {
    const came = await post(body)
    expect(came.status).toBe(422)
    const problem = Problem.parse(came.body)
    expect(problem.code).toBe('invalid')
    expect(problem.facts!['where']).toBe(where)
  })

  test('every wrong part is named at once', async () => {
    const came = await post('{"slug":"UPPER CASE","name":""}')
    expect(came.body.errors).toEqual([
      { path: 'body.slug', message: 'a handle is lower-case letters, digits, - and _' },
      { path: 'body.name', message: expect.any(String) },
    ])
  })

  test('two megabytes are too many, also when the length is not told', async () => {
    expect((await post(JSON.stringify({ slug: 'a', name: 'x'.repeat(2_000_000) }))).body).toMatchObject({
      status: 413,
      code: 'too_large',
    })
    const { port } = new URL(url)
    const request = http.request({
      port,
      path: '/api/teams',
      method: 'POST',
      headers: { ...acme.admin.headers, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    })
    request.on('error', () => {})
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>
    request.end(JSON.stringify({ slug: 'a', name: 'x'.repeat(2_000_000) }))
    const [response] = await answered
    expect(response.statusCode).toBe(413)
    response.resume()
  })

  test('query values are read strictly', async () => {
    expect((await acme.admin.get('/api/runs?limit=0')).body.facts.where).toBe('query.limit')
    expect((await acme.admin.get('/api/runs?limit=1&limit=2')).status).toBe(422)
    expect((await acme.admin.get('/api/runs?limits=1')).body.facts.where).toBe('query.limits')
    expect((await acme.admin.get("/api/runs?q='%20or%201=1--%25_")).body).toEqual({ rows: [], older: null })
    expect((await acme.admin.get('/api/runs?q=%00')).body.facts.where).toBe('query.q')
  })

  test('odd paths are not there, and never a fault', async () => {
    for (const path of [
      '/api/runs/%E0%A4%A',
      '/api/runs/..%2f..%2fetc',
      '/api/runs/%00',
      '/api/%2e%2e/secret',
      `/api/runs/${'x'.repeat(5_000)}`,
      '/api/nothing',
      '/api',
      '/wire/nothing',
      '/hooks',
    ])
      expect((await raw({ path, headers: { host: new URL(url).host, cookie } })).status, path).toBeOneOf([
        404, 422, 414,
      ])
  })
})

describe('every answer', () => {
  test.each(['/api/me', '/api/nothing', '/healthz', '/openapi.json', '/', '/inbox/gate_1'])(
    'of %s keeps pages to themselves',
    async (path) => {
      const { headers } = await send(url, 'GET', path)
      const policy = headers.get('content-security-policy')!
      for (const rule of [
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
      ])
        expect(policy.split('; ')).toContain(rule)
      expect(
        Object.fromEntries(
          [
            'x-content-type-options',
            'referrer-policy',
            'cross-origin-opener-policy',
            'cross-origin-resource-policy',
          ].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers.get('server')).toBeNull()
    },
  )

  test('that is an error is a problem document of the table', async () => {
    for (const path of ['/api/me', '/api/nothing', '/wire/nothing', '/hooks/x']) {
      const came = await send(url, 'GET', path)
      const problem = Problem.parse(came.body)
      expect(came.headers.get('content-type')).toBe('application/problem+json')
      expect(came.headers.get('cache-control')).toBe('no-store')
      expect(problem).toMatchObject({ status: came.status, type: `urn:viewport:problem:${problem.code}` })
      expect(Object.keys(refusals)).toContain(problem.code)
    }
  })
})

describe('the web app', () => {
  test('answers every place with its one page, and files that are not there with 404', async () => {
    const [home, deep] = [await send(url, 'GET', '/'), await send(url, 'GET', '/runs/12')]
    expect([home.status, home.headers.get('cache-control'), home.headers.get('content-type')]).toEqual([
      200,
      'no-cache',
      'text/html; charset=utf-8',
    ])
    expect(deep.body).toBe(home.body)
    expect((await send(url, 'GET', '/assets/nothing.js')).status).toBe(404)
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(home.body)![1]!
    expect((await send(url, 'GET', script)).headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect((await send(url, 'GET', '/../server/package.json')).status).not.toBe(500)
    expect((await send(url, 'POST', '/')).status).toBe(404)
  })
})

describe('the description', () => {
  test('is served, is OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    const served = (await send(url, 'GET', '/openapi.json')).body
    expect(served).toEqual(openapi())
    expect(served.openapi).toBe('3.1.0')
    const text = JSON.stringify(served)
    for (const [, place] of text.matchAll(/"\$ref":"#([^"]+)"/g))
      expect(
        place!
          .split('/')
          .slice(1)
          .reduce((at, part) => at?.[part], served),
        place,
      ).toBeDefined()
    const ids = Object.values(served.paths as Record<string, Record<string, { operationId: string }>>).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(text).not.toContain('9007199254740991')
  })
})
