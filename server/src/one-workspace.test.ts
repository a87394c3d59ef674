/** Does a workspace whose tools take every question and never answer hold up another one? With a whole control plane, a server that hangs, and emulators of the tools. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { pairedRunner } from '../test/paired.ts'
import { testPlane, type TestWorkspace } from '../test/plane.ts'
import { inWorkspace } from './database/tenant.ts'
import { emulatedGitHub, tokens as githubTokens } from './tools/github/testing/emulated.ts'

/** It has to answer sooner than one silent question (20 s) takes. */
const soon = { timeout: 12_000, interval: 50 }
const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const { db } = plane.context

let hangs = true
const hung: http.ServerResponse[] = []
/** A server of whoever owns a workspace: it answers as `answer` does until it hangs. */
const server = async (answer: (request: http.IncomingMessage, response: http.ServerResponse) => unknown) => {
  const made = http.createServer((request, response) => void answer(request, response))
  await new Promise<void>((ready) => made.listen(0, '127.0.0.1', ready))
  afterAll(() => void made.close())
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`
}
const hang = (request: http.IncomingMessage, response: http.ServerResponse): boolean => {
  if (!hangs) return false
  request.resume()
  hung.push(response)
  return true
}
afterEach(() => {
  hangs = false // what still waits is answered, so that nothing keeps the control plane from its end
  for (const response of hung.splice(0)) response.writeHead(200).end('{}')
})
const rows = async <R extends object>(of: TestWorkspace, text: string): Promise<R[]> =>
  inWorkspace(db, of.id, async (tx) => (await tx.query<R & Record<string, unknown>>(text)).rows)

test('effects: twenty that hang in one leave the engine to the other', { timeout: 120_000 }, async () => {
  hangs = true
  let got = 0
  const silent = await server((request, response) => hang(request, response) || response.end('ok'))
  const answering = await server((_, response) => {
    got++
    response.end('ok')
  })
  const make = async (slug: string, url: string) => {
    const of = await workspace(slug, ['payments'])
    await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git', defaultBranch: 'main' })
    await pairedRunner(db, of.id)
    const values = { url: `${url}/x` }
    expect((await of.admin.post('/api/connections', { tool: 'webhook', name: 'ops', values })).status).toBe(201)
    const source =
      'name: tell\ntrigger: manual\nrepos: [acme/shop]\nsteps: [{ action: webhook.send, to: ops, type: done }]\n'
    await of.admin.post('/api/workflows', { source })
    await of.admin.put('/api/workflows/tell/enabled', { enabled: true })
    return of
  }
  const [evil, good] = [await make('evil', silent), await make('good', answering)]
  const start = async (of: TestWorkspace) =>
    expect((await of.admin.post('/api/runs', { workflow: 'tell', title: 'x' })).status).toBe(201)
  for (let n = 0; n < 20; n++) await start(evil)
  await vi.waitFor(() => expect(hung).toHaveLength(2), soon)
  await start(good)
  await vi.waitFor(() => expect(got).toBe(1), soon)
  // Few of them are with the engine, and two at the tool; all others wait as rows.
  expect(hung).toHaveLength(2)
  expect(
    await rows(
      evil,
      'select count(enqueued_at)::int as told, count(*)::int as waits from vp.due where done_at is null',
    ),
  ).toEqual([{ told: 8, waits: 20 }])
  hangs = false
  for (const response of hung.splice(0)) response.end('ok')
  // One after the other is told of when one before is done, and none is lost.
  await vi.waitFor(async () => expect(await rows(evil, 'select key from vp.due where done_at is null')).toEqual([]), {
    timeout: 60_000,
    interval: 200,
  })
  expect(await rows(evil, `select count(*)::int as n from vp.facts where type = 'effect.succeeded'`)).toEqual([
    { n: 20 },
  ])
})

test('asking: a server that lets every question hang makes nobody else deaf', { timeout: 120_000 }, async () => {
  hangs = false
  const silent = await server((request, response) => {
    if (hang(request, response)) return
    const path = request.url!.replace(/^\/api\/v3/, '')
    const id = [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) & 0xffffff, 7)
    const one = { id, login: 'x', full_name: path.slice(7), default_branch: 'main', permissions: { push: true } }
    const isList = path.includes('?') || path.split('/').length > 4
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'repo' })
    response.end(JSON.stringify(isList ? [] : one))
  })
  const [evil, good] = [await workspace('evil-asks'), await workspace('good-asks')]
  const connect = async (of: TestWorkspace, values: object) => {
    const { status, body } = await of.admin.post('/api/connections', { tool: 'github', name: 'hub', values })
    expect([status, body.code]).toEqual([201, undefined])
  }
  const many = Array.from({ length: 10 }, (_, n) => `evil/r${n}`)
  await connect(evil, { base: silent, token: 'x'.repeat(20), repos: many.join(', ') })
  await connect(good, { base: hub.url, token: githubTokens.us, repos: 'acme/shop' })
  const askedAt = async (): Promise<number> =>
    (await rows<{ at: number | null }>(good, 'select asked_at as at from vp.polls'))[0]!.at ?? 0
  await vi.waitFor(async () => expect(await askedAt()).toBeGreaterThan(0), { timeout: 30_000 })
  hangs = true
  await rows(evil, 'update vp.polls set next_at = 0')
  await vi.waitFor(() => expect(hung.length).toBeGreaterThan(0), soon)
  for (let n = 0; n < 2; n++) {
    const before = await askedAt()
    await rows(good, 'update vp.polls set next_at = 1')
    await vi.waitFor(async () => expect(await askedAt()).toBeGreaterThan(before), soon)
  }
  // In order within the connection: its other repositories wait for the one that is asked.
  expect(hung).toHaveLength(1)
})
