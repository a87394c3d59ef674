/**
 * Is an effect done once with a credential that is kept on the machine? Whole jobs, as a worker does them, against somebody else's program that
 * answers like GitHub and Slack (emulate), behind a front that breaks off where a test says.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createEmulator, type Emulator } from 'emulate'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { digestOf } from '@viewportai/core/digest/canonical'
import type { EffectJob } from '@viewportai/core/wire/job'
import { lastUse } from '../credentials/last-used.ts'
import { keepKey } from '../credentials/model-keys.ts'
import type { Secret } from '../egress/encodings.ts'
import { openFront } from '../outside/front.fixture.ts'
import { openSlack } from '../outside/testing/slack.ts'
import { doJob } from './do-job.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'

const token = 'token-of-viewport'
let hub: Emulator
let front: Awaited<ReturnType<typeof openFront>>
let home: string
let learned: Secret[]
let left: [string, string, number][]
let account: string

beforeAll(async () => {
  hub = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { [token]: { login: 'viewport-acme', scopes: ['repo'] } },
      github: {
        users: [{ login: 'viewport-acme' }],
        orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }] }],
        repos: [{ owner: 'acme', name: 'shop', auto_init: true }],
      },
    },
  })
  await at('POST', '/repos/acme/shop/issues', { title: 'The first one' })
  account = String(((await at('GET', '/user')) as { id: number }).id)
})
afterAll(() => hub.close())
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vpd-outside-'))
  front = await openFront(hub.url)
  learned = []
  left = []
  await keep(['github.*'])
})
afterEach(async () => {
  vi.useRealTimers()
  await front.close()
  await rm(home, { recursive: true, force: true })
})

const at = async (method: string, where: string, body?: unknown): Promise<unknown> =>
  (
    await fetch(hub.url + where, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  ).json()
const keep = (actions: string[], url = front.url) =>
  keepKey(
    home,
    'github',
    { key: token, url, actions, account: { id: account, name: 'viewport-acme' } },
    null,
    'provider',
  )

let n = 0
const commentJob = (
  over: Partial<EffectJob> = {},
  outside: Partial<NonNullable<EffectJob['outside']>> = {},
): EffectJob => {
  const [params, target] = [{ text: 'Worked on it.' }, 'acme/shop#1']
  return {
    kind: 'effect',
    intent: `int_outside-${++n}`,
    key: '0'.repeat(64),
    action: 'github.comment',
    attempt: 1,
    digest: digestOf({ action: 'github.comment', target, params }),
    params,
    change: null,
    repos: [
      {
        name: 'acme/shop',
        url: `${front.url}/acme/shop.git`,
        ref: 'refs/heads/main',
        commit: null,
        use: { name: 'acme/shop', ref: null, access: 'read', write: [], protect: [] },
      },
    ],
    limits: { seconds: 60, tokens: null, usdMicros: null },
    outside: {
      tool: 'github',
      connection: { id: 'con_1', name: 'github', at: front.url, settings: { base: front.url } },
      target,
      commit: null,
      opened: null,
      told: { title: 'Prices are wrong', approvedBy: ['@jess'], checks: null, source: { label: 'BUG-1', url: null } },
      page: 'https://viewport.acme.dev/runs/1',
      home: null,
      ...outside,
    },
    ...over,
  }
}
const setup = (): Setup => ({
  home,
  passEnvironment: [],
  commands: {},
  provider: { home, learn: (more) => void learned.push(...more) },
})
const done = async (job: EffectJob, also: Parameters<typeof testPort>[1] = {}): Promise<TestPort> => {
  const port = testPort(job, { step: job.intent, attempt: job.attempt, ...also })
  const noted = { ...port, left: async (what: string, to: string, bytes: number) => void left.push([what, to, bytes]) }
  await doJob(noted, setup())
  return port
}
const comments = async (job: EffectJob): Promise<number> =>
  ((await at('GET', '/repos/acme/shop/issues/1/comments?per_page=100')) as { body: string }[]).filter(({ body }) =>
    body.includes(job.intent),
  ).length
const isWrite = ({ method }: { method: string }): boolean => method === 'POST'

test('it is done once, its beginning is accepted before anything is asked, and the receipt holds no secret', async () => {
  const job = commentJob()
  const order: string[] = []
  const port = await done(job, {
    settled: async () => void order.push(`accepted after ${front.seen.length} requests`),
    onReport: ({ type }) => void order.push(type),
  })
  expect(order.slice(0, 2)).toEqual(['effect_started', 'accepted after 0 requests'])
  expect(port.of('effect_succeeded')).toMatchObject([
    {
      intent: job.intent,
      attempt: 1,
      reconciled: false,
      receipt: { provider: 'github', readBack: true, url: expect.stringContaining('acme/shop') },
    },
  ])
  expect(await comments(job)).toBe(1)
  expect(JSON.stringify(port.reports) + port.logText()).not.toContain(token)
  expect(learned).toEqual([{ name: 'provider github', value: token }])
  expect(await lastUse(home, 'provider', 'github')).not.toBeNull()
  // Each request is in the ledger of what left, with where it went.
  expect(left).toHaveLength(front.seen.length)
  expect(left[0]).toEqual(['github.comment', front.url, expect.any(Number)])
})

test('the beginning was refused: nothing is asked of the tool', async () => {
  const job = commentJob()
  const refused = { refusal: 'grant_invalid', words: 'capped', next: '', status: 409, facts: {} }
  const port = await done(job, { settled: () => Promise.reject(refused) })
  expect(port.reports.map(({ type }) => type)).toEqual(['effect_started'])
  expect(front.seen).toEqual([])
})

test.each(['before', 'after'] as const)(
  'the answer was lost %s it was done: unknown, and the next attempt looks and leaves one',
  { timeout: 30_000 },
  async (when) => {
    const job = commentJob()
    front.break({ is: isWrite, when })
    expect((await done(job)).of('effect_unknown')).toHaveLength(1)
    expect(await comments(job)).toBe(when === 'after' ? 1 : 0)
    const next = await done({ ...job, attempt: 2 })
    expect(next.of('effect_succeeded')).toMatchObject([{ attempt: 2, reconciled: when === 'after' }])
    expect(await comments(job)).toBe(1)
  },
)

test(
  'an attempt after another waits before it looks: what was sent may be on its way',
  { timeout: 30_000 },
  async () => {
    const job = commentJob()
    front.break({ is: isWrite, when: { slow: 2_000 } })
    const first = testPort(job, { step: job.intent })
    const cut = doJob(first, setup())
    await expect.poll(() => front.writes()).toBe(1)
    first.abort.abort('lease lost')
    await cut
    expect(first.reports.map(({ type }) => type)).toEqual(['effect_started']) // a lost lease says nothing more
    const began = Date.now()
    expect((await done({ ...job, attempt: 2 })).of('effect_succeeded')).toMatchObject([{ reconciled: true }])
    expect(Date.now() - began).toBeGreaterThan(4_500)
    expect(await comments(job)).toBe(1)
  },
)

test('where it is only looked for nothing is written', { timeout: 30_000 }, async () => {
  const job = commentJob({ attempt: 2, lookOnly: true })
  expect((await done(job)).of('effect_failed')).toMatchObject([{ failure: { code: 'not_there' } }])
  expect(front.writes()).toBe(0)
})

test('what people approved is what is done: another text or target is refused before anything is asked', async () => {
  const port = await done(commentJob({ params: { text: 'Something else.' } }))
  expect(port.of('effect_failed')).toMatchObject([{ failure: { code: 'effect_invalid', started: false } }])
  const elsewhere = await done(commentJob({}, { target: 'acme/shop#2' }))
  expect(elsewhere.of('effect_failed')).toMatchObject([{ failure: { code: 'effect_invalid' } }])
  expect(front.seen).toEqual([])
})

test('the secret is sent to the address that its owner kept it for, whatever the work says', async () => {
  const evil = await openFront(hub.url)
  try {
    const named = { id: 'con_1', name: 'github', at: front.url, settings: { base: evil.url } }
    const job = commentJob({}, { connection: named })
    expect((await done(job)).of('effect_succeeded')).toHaveLength(1) // the work's own address counts for nothing
    const moved = commentJob({}, { connection: { ...named, at: evil.url } })
    expect((await done(moved)).of('effect_failed')).toMatchObject([
      {
        failure: {
          code: 'credential_missing',
          summary: expect.stringContaining(`a credential for github at ${evil.url}`),
        },
      },
    ])
    expect(evil.seen).toEqual([])
  } finally {
    await evil.close()
  }
})

test('an action that its owner did not name is refused, and without a credential there is none', async () => {
  await keep(['github.label'])
  const failure = (port: TestPort) => port.of('effect_failed')[0]!.failure
  expect(failure(await done(commentJob()))).toMatchObject({
    code: 'credential_missing',
    summary: expect.stringContaining('that may be used for github.comment'),
    check: expect.stringContaining('vpd credentials set provider github'),
  })
  const bare = testPort(commentJob())
  await doJob(bare, { ...setup(), provider: { home: path.join(home, 'other') } })
  expect(failure(bare)).toMatchObject({ code: 'credential_missing' })
  expect(front.seen).toEqual([])
})

test('a repository that the workflow does not name is not touched', async () => {
  const port = await done(commentJob({ repos: [] }))
  expect(port.of('effect_failed')).toMatchObject([{ failure: { code: 'outside_workflow' } }])
  expect(front.writes()).toBe(0)
})

const inFolder = (folder: string, name: string): EffectJob['repos'] =>
  commentJob().repos.map((repo) => ({ ...repo, name, url: folder, use: { ...repo.use, name } }))

test.each(['/srv/git/acme/shop.git', 'file:///srv/git/acme/shop', '/srv/git/acme/shopping/../secret'])(
  'a folder (%s) that the policy lets stands for no repository that the control plane calls it (T34)',
  async (folder) => {
    const target = 'acme/secret#1'
    const digest = digestOf({ action: 'github.comment', target, params: { text: 'Worked on it.' } })
    const port = await done(commentJob({ repos: inFolder(folder, 'acme/secret'), digest }, { target }))
    expect(port.of('effect_failed')).toMatchObject([
      { failure: { code: 'outside_workflow', summary: expect.stringContaining(folder) } },
    ])
    expect(front.seen).toEqual([])
  },
)

test('a folder stands for the repository that the end of its path names', async () => {
  const port = await done(commentJob({ repos: inFolder('/srv/git/acme/shop.git', 'acme/shop') }))
  expect(port.of('effect_succeeded')).toHaveLength(1)
})

test(
  'the same intent again as a first attempt is looked for and not done twice (T34)',
  { timeout: 30_000 },
  async () => {
    const job = commentJob()
    await done(job)
    const again = await done(job)
    expect(again.of('effect_succeeded')).toMatchObject([{ reconciled: true }])
    expect(await comments(job)).toBe(1)
  },
)

test('what cannot be noted as begun is not begun', async () => {
  await writeFile(path.join(home, 'begun-effects'), 'no folder')
  const port = await done(commentJob())
  expect(port.of('effect_failed')).toHaveLength(1)
  expect(front.seen).toEqual([])
})

test('Slack, by the same way: the message is written by the bot, and found again', { timeout: 30_000 }, async () => {
  const chat = await openSlack()
  const { bot, us } = chat
  const before = await openFront(chat.url)
  try {
    await keepKey(home, 'slack', { key: bot, url: before.url, actions: ['slack.*'], account: us }, null, 'provider')
    const [params, target] = [{ channel: '#support', text: 'Shipped.' }, '#support']
    const job = commentJob(
      { action: 'slack.message', params, digest: digestOf({ action: 'slack.message', target, params }) },
      { tool: 'slack', target, connection: { id: 'con_2', name: 'slack', at: before.url, settings: {} } },
    )
    before.break({ is: ({ path: where }) => where === '/api/chat.postMessage', when: 'after' })
    expect((await done(job)).of('effect_unknown')).toHaveLength(1)
    expect((await done({ ...job, attempt: 2 })).of('effect_succeeded')).toMatchObject([
      { reconciled: true, receipt: { provider: 'slack', observed: { channel: '#support' } } },
    ])
    expect(before.seen.filter(({ path: where }) => where === '/api/chat.postMessage')).toHaveLength(1)
    expect(before.seen.every(({ headers }) => headers.authorization === `Bearer ${bot}`)).toBe(true)
  } finally {
    await before.close()
    await chat.close()
  }
})
