/** Does a workspace whose tools take every question and never answer hold up another one? With a whole control plane, a server that hangs, and emulators of the tools. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { NoWholeAnswer } from '@viewportai/core/tools/outside'
import { pairedRunner } from '../test/paired.ts'
import { send, testPlane, type TestWorkspace } from '../test/plane.ts'
import { inWorkspace } from './database/tenant.ts'
import { makeSilences } from './deliveries/silences.ts'
import { makeStuck } from './stuck.ts'
import { emulatedGitHub, tokens as githubTokens } from './tools/github/testing/emulated.ts'
import { sweepPolls } from './tools/polls.ts'
import { emulatedSlack, signedBy, tokens as slackTokens } from './tools/slack/testing/emulated.ts'
import { readied } from './tools/testing/bench.ts'

/** It has to answer sooner than one silent question (20 s) takes. */
const soon = { timeout: 12_000, interval: 50 }
const [hub, slack] = [await emulatedGitHub(), await emulatedSlack()]
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const { db, key } = plane.context

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

/** Answers as a GitHub with nothing in it does, for any repository. */
const ownHub = () =>
  server((request, response) => {
    if (hang(request, response)) return
    const path = request.url!.replace(/^\/api\/v3/, '')
    const id = [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) & 0xffffff, 7)
    const one = { id, login: 'x', full_name: path.slice(7), default_branch: 'main', permissions: { push: true } }
    const isList = path.includes('?') || path.split('/').length > 4
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'repo' })
    response.end(JSON.stringify(isList ? [] : one))
  })

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
  const silent = await ownHub()
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

test('asking: one question without an answer is enough for all of its connection', { timeout: 60_000 }, async () => {
  const of = await workspace('silent-asks')
  hangs = false
  const values = { base: await ownHub(), token: 'x'.repeat(20), repos: 'us/r1, us/r2, us/r3' }
  expect((await of.admin.post('/api/connections', { tool: 'github', name: 'hub', values })).status).toBe(201)
  const next = {
    text: 'select stream, problem, next_at > vp.now_ms() + 10000 as later, failures from vp.polls order by failures',
  }
  await rows(of, `update vp.polls set next_at = 9e12`)
  const streams = await rows(of, next.text)
  expect(streams.length).toBeGreaterThan(1)
  let asked = 0
  const outside = {
    now: () => Date.now(),
    ask: async () => {
      asked++
      throw new NoWholeAnswer('hub: no answer within 20000 ms')
    },
  }
  const options = { db, key, outside, silences: makeSilences(), stored: () => {} }
  // The control plane itself looks every two seconds: what it finds due is taken by this look first.
  await vi.waitFor(async () => {
    asked = 0
    await rows(of, `update vp.polls set next_at = 0, failures = 0, problem = null`)
    expect(
      await sweepPolls(
        options,
        makeStuck(() => {}),
      ),
    ).toBeGreaterThanOrEqual(streams.length)
    const after = await rows<{ problem: string; failures: number; later: boolean }>(of, next.text)
    expect(after.map(({ failures, later }) => [failures, later])).toEqual(
      streams.map((_, n) => [n === streams.length - 1 ? 1 : 0, true]),
    )
    expect(after[0]!.problem).toBe('Nothing of its connection answered a moment ago, so it was not asked.')
  }, 20_000)
  expect(asked).toBeLessThanOrEqual(3) // those of one asking
})

test(
  'messages of runs: a Slack that never answers keeps nobody else’s from its thread',
  { timeout: 120_000 },
  async () => {
    hangs = true
    let unanswered = 0
    const signing = 'a'.repeat(32)
    const silent = await server(async (request, response) => {
      if (/chat\./.test(request.url!) && hang(request, response)) {
        unanswered++
        return
      }
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const answer = await fetch(slack.url + request.url!, {
        method: 'POST',
        headers: {
          authorization: request.headers.authorization ?? '',
          'content-type': request.headers['content-type'] ?? '',
        },
        body: Buffer.concat(parts),
      })
      const scopes = answer.headers.get('x-oauth-scopes')
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        ...(scopes ? { 'x-oauth-scopes': scopes } : {}),
      })
      response.end(await answer.text())
    })
    const support = slack.channel('support')
    const make = async (slug: string, base: string) => {
      const of = await workspace(slug, ['payments'])
      let hook = ''
      await readied(db, of, {
        account: `slack:${slack.team}/${slack.user('sam')}`,
        connect: async () => {
          const values = { token: slackTokens.us, signing, base }
          const { status, body } = await of.admin.post('/api/connections', { tool: 'slack', name: 'slack', values })
          expect([status, body.code]).toEqual([201, undefined])
          hook = body.connection.url
        },
        workflows: [
          `name: triage\ntrigger: { slack: { event: app_mention, text: { prefix: fix } } }\nteam: payments\nrepos: [acme/shop]\nsteps:\n  - { id: plan, mode: plan, prompt: Find the cause. }\n  - { gate: plan_review, of: plan }\n`,
        ],
      })
      return { of, hook }
    }
    let serial = 0
    const mention = async (hook: string) => {
      const text = `<@U0VIEWPORT> fix it ${++serial}`
      const ts = await slack.say(support, text)
      const event = { type: 'app_mention', user: slack.user('sam'), team: slack.team, text, ts, channel: support }
      const body = JSON.stringify(slack.told({ ...event, event_id: `Ev${serial}` }))
      const headers = { 'content-type': 'application/json', ...signedBy(signing)(body) }
      expect((await send('', 'POST', hook, { body, headers })).status).toBe(202)
    }
    const [evil, good] = [await make('evil-says', silent), await make('good-says', slack.url)]
    for (let n = 0; n < 5; n++) await mention(evil.hook)
    await vi.waitFor(() => expect(unanswered).toBe(1), soon)
    for (let n = 1; n <= 2; n++) {
      await mention(good.hook)
      await vi.waitFor(
        async () =>
          expect(await rows(good.of, 'select count(message)::int as n from vp.run_statuses')).toEqual([{ n }]),
        soon,
      )
    }
    expect(unanswered).toBe(1)
  },
)
