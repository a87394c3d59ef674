// kill -9 of the control plane around every step of its broker: begun, sent, done there, answered, recorded; and a provider that did it and
// lost the answer, limits the rate, or answers 500 after it did it. Always one effect, and a state that says so. GitHub and Linear are
// emulate's programs behind a recording proxy of ours, the webhook's receiver is ours. A few of all pairs in the check; `VIEWPORT_MATRIX=all`
// plays every one.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { createEmulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localAdmin, type Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { openProviderProxy, type Moment, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'

const place = makePlace('broker')
const settings = { VIEWPORT_DATA_DIR: place.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1' }
const words = ['up', '--data', place.data]
const token = 'token-of-viewport'
const key = 'lin_test_viewport'

let plane: Running
let github: ProviderProxy
let linear: ProviderProxy
let ops: ProviderProxy
const closing: (() => Promise<unknown>)[] = []

const isGraphql = (word: string) => (one: Passed) => one.path === '/graphql' && one.body.includes(word)
const isPost = (path: string) => (one: Passed) => one.method === 'POST' && one.path === path

/** Each kind of action: its step, its provider, its writes there, and which things of a marker stand there in the end. */
const kinds = {
  'github.comment': {
    step: '{ action: github.comment, on: "acme/shop#1", text: "Worked on it." }',
    at: () => github,
    isWrite: isPost('/repos/acme/shop/issues/1/comments'),
  },
  'github.create_issue': {
    step: '{ action: github.create_issue, repo: acme/shop, title: "Found on the way" }',
    at: () => github,
    isWrite: isPost('/repos/acme/shop/issues'),
  },
  'linear.comment': {
    step: '{ action: linear.comment, issue: ISSUE, text: "Worked on it." }',
    at: () => linear,
    isWrite: isGraphql('commentCreate'),
  },
  'linear.create': {
    step: '{ action: linear.create, team: Payments, title: "Found on the way" }',
    at: () => linear,
    isWrite: isGraphql('issueCreate'),
  },
  'webhook.send': { step: '{ action: webhook.send, to: ops }', at: () => ops, isWrite: isPost('/hook') },
} as const
type Kind = keyof typeof kinds
const all = Object.keys(kinds) as Kind[]
const nameOf = (kind: Kind): string => kind.replace(/[._]/g, '-')

beforeAll(async () => {
  const hub = await createEmulator({
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
  const tracker = await createEmulator({
    service: 'linear',
    port: 0,
    seed: {
      linear: {
        organization: { name: 'Acme', url_key: 'acme' },
        users: [{ email: 'viewport@acme.dev', name: 'Viewport', admin: true }],
        teams: [{ key: 'PAY', name: 'Payments', states: [{ name: 'Todo', type: 'unstarted' }] }],
        tokens: [{ token: key, user: 'viewport@acme.dev' }],
      },
    },
  })
  github = await openProviderProxy(hub.url)
  // Comments of the emulator have no address of their own.
  linear = await openProviderProxy(tracker.url, (body) => body.replace('createdAt url user', 'createdAt user'))
  ops = await openProviderProxy(null)
  closing.push(
    () => github.close(),
    () => linear.close(),
    () => ops.close(),
    () => hub.close(),
    () => tracker.close(),
  )
  await atGithub('POST', '/repos/acme/shop/issues', { title: 'The first one' })
  const teams = (await atLinear('{ teams { nodes { id } } }'))['teams'].nodes
  const first = await atLinear('mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id } } }', {
    input: { teamId: teams[0].id, title: 'The first one' },
  })
  const issue = first['issueCreate'].issue.id as string
  plane = start(place, viewportProgram, words, settings)
  await up()
  const admin = localAdmin(place.data)
  await admin.send('POST', '/api/repositories', { name: 'acme/shop', url: `file://${place.folder}/acme/shop.git` })
  for (const [tool, values] of [
    ['github', { token, base: github.url, repos: 'acme/shop' }],
    ['linear', { key, base: linear.url }],
    ['webhook', { url: `${ops.url}/hook` }],
  ] as const)
    await admin.send('POST', '/api/connections', { tool, name: tool === 'webhook' ? 'ops' : tool, values })
  await admin.send('PUT', '/api/workspace', { caps: Object.fromEntries(all.map((kind) => [kind, 1_000])) })
  await pairRunner(admin.url)
  for (const kind of all) {
    const file = join(place.folder, `${nameOf(kind)}.yaml`)
    writeFileSync(
      file,
      `name: ${nameOf(kind)}\ntrigger: manual\nrepos: [acme/shop]\nsteps:\n  - ${kinds[kind].step.replace('ISSUE', issue)}\n`,
    )
    const saved = await run(place, viewportProgram, ['workflows', 'save', file, '--enable'], settings)
    expect(saved.code, saved.out + saved.err).toBe(0)
  }
}, 120_000)

/** A workflow is ready when a runner could take its work; none of these has any. */
const pairRunner = async (url: string): Promise<void> => {
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--server', url])
  const [, said = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  const approve = ['runners', 'approve', code, '--words', said, '--pool', 'default']
  const approved = await run(place, viewportProgram, approve, settings)
  expect(approved.code, approved.out + approved.err).toBe(0)
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await start(place, vpdProgram, ['worker', 'start']).says(/online/)
}

afterAll(async () => {
  endAllOf(place.folder)
  for (const close of closing) await close()
  place.remove()
})

const atGithub = async (method: string, path: string, body?: unknown): Promise<Json> => {
  const came = await fetch(github.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await came.json()) as Json
}
const atLinear = async (query: string, variables: Json = {}): Promise<Json> => {
  const came = await fetch(`${linear.url}/graphql`, {
    method: 'POST',
    headers: { authorization: key, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return ((await came.json()) as Json)['data'] as Json
}

/** How many things of this intent stand at the provider. A receiver of webhooks drops an id it had, so there ids are counted. */
const doneThere = async (kind: Kind, intent: string): Promise<number> => {
  switch (kind) {
    case 'github.comment':
      return marked(await atGithub('GET', '/repos/acme/shop/issues/1/comments?per_page=100'), intent)
    case 'github.create_issue':
      return marked(await atGithub('GET', '/repos/acme/shop/issues?state=all&per_page=100'), intent)
    case 'linear.comment':
      return marked((await atLinear('{ comments(first: 200) { nodes { body } } }'))['comments'].nodes, intent)
    case 'linear.create':
      return marked((await atLinear('{ issues(first: 200) { nodes { description } } }'))['issues'].nodes, intent)
    case 'webhook.send':
      return new Set(ops.passed.map(({ id }) => id)).size * Number(ops.passed.every(({ id }) => id === intent))
  }
}
const marked = (list: Json, intent: string): number =>
  (list as unknown as Json[]).filter((one) => JSON.stringify(one).includes(intent)).length

const up = (): Promise<unknown> => plane.says(/Ctrl-C stops everything/, 60_000)

const killed = async (): Promise<void> => {
  plane.child.kill('SIGKILL')
  await plane.ended
  plane = start(place, viewportProgram, words, settings)
  await up()
}

const begin = async (kind: Kind): Promise<number> =>
  (await localAdmin(place.data).send('POST', '/api/runs', { workflow: nameOf(kind), title: 'go' }))['number'] as number
const factsOf = async (number: number): Promise<Json[]> =>
  (await localAdmin(place.data).get(`/api/runs/${number}/facts`))['facts'].map(
    ({ text }: { text: string }) => JSON.parse(text) as Json,
  )
const typesOf = async (number: number): Promise<string[]> => (await factsOf(number)).map(({ type }) => type as string)
const untilEnded = async (number: number): Promise<void> => {
  const outcome = async (): Promise<unknown> =>
    (await localAdmin(place.data).get(`/api/runs/${number}`))['outcome'] as unknown
  await expect
    .poll(outcome, { timeout: 30_000, interval: 100 })
    .toBe('succeeded')
    .catch(async (cause: unknown) => {
      const facts = (await factsOf(number)).filter(({ type }) => /^(effect|refusal|gate)/.test(type as string))
      throw new Error(`Run ${number} did not end: ${JSON.stringify(facts.map(({ type, data }) => [type, data]))}`, {
        cause,
      })
    })
}

/** One effect there, one in the ledger, and a receipt. */
const seesOneEffect = async (kind: Kind, number: number): Promise<void> => {
  const facts = await factsOf(number)
  const intent = facts.find(({ type }) => type === 'intent.proposed')!['data'].intent as string
  expect(facts.filter(({ type }) => type === 'effect.succeeded')).toHaveLength(1)
  expect({ kind, there: await doneThere(kind, intent) }).toEqual({ kind, there: 1 })
  const view = await localAdmin(place.data).get(`/api/runs/${number}`)
  expect(view['receipts']).toHaveLength(1)
  expect((await localAdmin(place.data).get('/api/effects'))['effects']).toEqual([])
}

/** Where the blow falls. `begun`: its beginning is a fact, and the provider has seen nothing of it. */
const blows: { name: string; moment: Moment; kinds: Kind[] }[] = [
  { name: 'begun, and sent to nobody', moment: 'came', kinds: ['github.comment', 'linear.create'] },
  { name: 'done there, and the answer lost', moment: 'did', kinds: ['github.create_issue', 'linear.comment'] },
  { name: 'answered, and not recorded', moment: 'told', kinds: ['github.comment', 'webhook.send'] },
]
const every = process.env['VIEWPORT_MATRIX'] === 'all'
const rounds = every ? blows.flatMap(({ name, moment }) => all.map((kind) => ({ name, moment, kinds: [kind] }))) : blows

describe('killed', () => {
  test.each(rounds)('$name: $kinds', { timeout: 120_000 }, async ({ moment, kinds: struck }) => {
    ops.passed.length = 0
    const traps = struck.map((kind) => kinds[kind].at().trap({ is: kinds[kind].isWrite, at: moment }))
    const numbers = await Promise.all(struck.map(begin))
    await Promise.all(traps.map(({ caught }) => caught))
    if (moment !== 'told') for (const number of numbers) expect(await typesOf(number)).not.toContain('effect.succeeded')
    await killed()
    for (const { letGo } of traps) letGo()
    for (const [n, kind] of struck.entries()) {
      await untilEnded(numbers[n]!)
      await seesOneEffect(kind, numbers[n]!)
    }
  })

  test('sent, and done there only after the restart: it is waited for, and found', { timeout: 60_000 }, async () => {
    const { is, at } = { is: kinds['github.comment'].isWrite, at: 'came' as const }
    const { caught, letGo } = github.trap({ is, at, late: true })
    const number = await begin('github.comment')
    await caught
    await killed()
    await sleep(1_000)
    letGo()
    await untilEnded(number)
    await seesOneEffect('github.comment', number)
    const done = (await factsOf(number)).find(({ type }) => type === 'effect.succeeded')!
    expect(done['data']).toMatchObject({ attempt: 1, reconciled: true })
  })

  test('before it begins, and after it was recorded', { timeout: 120_000 }, async () => {
    ops.passed.length = 0
    const number = await begin('webhook.send')
    await killed()
    await untilEnded(number)
    await killed()
    await seesOneEffect('webhook.send', number)
    expect(await typesOf(number)).toContain('run.finished')
  })
})

describe('a provider', () => {
  test.each([
    { name: 'that answers 500 after it did it', kind: 'github.comment', mood: { status: 500, body: '{}', does: true } },
    {
      name: 'that limits the rate',
      kind: 'github.create_issue',
      mood: { status: 403, headers: { 'retry-after': '1' }, body: '{"message":"secondary rate limit"}', does: false },
    },
    {
      name: 'that is busy',
      kind: 'webhook.send',
      mood: { status: 429, headers: { 'retry-after': '1' }, body: '', does: false },
    },
  ] as const)('$name: $kind, once', { timeout: 60_000 }, async ({ kind, mood }) => {
    ops.passed.length = 0
    kinds[kind].at().mood(kinds[kind].isWrite, mood)
    const number = await begin(kind)
    await untilEnded(number)
    await seesOneEffect(kind, number)
  })
})
