/**
 * Going on errands to a tool with a credential that is kept on the machine: a real worker, somebody else's program that answers like GitHub
 * (emulate), grants that do not fit, and an answer whatever happens.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { createEmulator, type Emulator } from 'emulate'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Errand, ErrandReport } from '@viewportai/core/wire/errand'
import { lastUse } from '../credentials/last-used.ts'
import { keepKey } from '../credentials/model-keys.ts'
import { readLeft } from '../egress/ledger.ts'
import { openFront } from '../outside/front.fixture.ts'
import { openBench, type Bench } from '../testing/bench.ts'

const token = 'ghp_only-on-this-machine-51c8'
const sams = 'token-of-sam'
const idle = async (): Promise<void> => {}
let hub: Emulator
let front: Awaited<ReturnType<typeof openFront>>
let bench: Bench
let account: string

const at = async (method: string, where: string, body?: unknown, as = token): Promise<Record<string, unknown>> =>
  (
    await fetch(hub.url + where, {
      method,
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  ).json() as Promise<Record<string, unknown>>

let pull: { number: number; head: string; url: string }
beforeAll(async () => {
  hub = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [token]: { login: 'viewport-acme', scopes: ['repo'] },
        [sams]: { login: 'sam', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'viewport-acme' }, { login: 'sam' }],
        orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }, { login: 'sam' }] }],
        repos: [
          { owner: 'acme', name: 'shop', auto_init: true },
          { owner: 'acme', name: 'payroll', auto_init: true },
        ],
      },
    },
  })
  account = String((await at('GET', '/user'))['id'])
  await at('POST', '/repos/acme/shop/issues', { title: 'The first one' })
  const main = (await at('GET', '/repos/acme/shop/git/ref/heads/main'))['object'] as { sha: string }
  await at('POST', '/repos/acme/shop/git/refs', { ref: 'refs/heads/vp/a', sha: main.sha })
  await at('PUT', '/repos/acme/shop/contents/price.txt', { message: 'x', content: 'YQ==', branch: 'vp/a' })
  const opened = await at('POST', '/repos/acme/shop/pulls', { title: 'Mend', head: 'vp/a', base: 'main' })
  pull = {
    number: opened['number'] as number,
    head: (opened['head'] as { sha: string }).sha,
    url: opened['html_url'] as string,
  }
  await at(
    'POST',
    `/repos/acme/shop/pulls/${pull.number}/reviews`,
    { body: 'Round up.', event: 'REQUEST_CHANGES' },
    sams,
  )
})
afterAll(() => hub.close())
beforeEach(async () => {
  front = await openFront(hub.url)
  bench = await openBench({ leaseSeconds: 20 })
  await keep(['github.*'])
})
afterEach(async () => {
  await bench.end()
  await front.close()
})

const keep = (actions: string[]) =>
  keepKey(
    bench.home,
    'github',
    { key: token, url: front.url, actions, account: { id: account, name: 'viewport-acme' } },
    null,
    'provider',
  )
const common = () => ({
  run: 'run_1',
  tool: 'github',
  connection: { id: 'con_1', name: 'github', at: front.url, settings: { base: front.url } },
  repos: [{ name: 'acme/shop', url: 'file:///srv/git/acme/shop.git' }],
})
const sight = (over: Partial<Extract<Errand, { what: 'sight' }>> = {}): Errand => ({
  what: 'sight',
  ...common(),
  ref: `acme/shop#${pull.number}`,
  url: pull.url,
  ...over,
})
let runs = 0
const status = (over: Partial<Extract<Errand, { what: 'status' }>> = {}): Errand => ({
  what: 'status',
  ...common(),
  intent: `int_held${++runs}-0`,
  target: 'acme/shop#1',
  text: 'An agent works on it.',
  message: null,
  begun: false,
  told: { title: 'x', approvedBy: [], checks: null, source: { label: 'by hand', url: null } },
  page: 'https://viewport.example/runs/1',
  home: null,
  ...over,
})
const brought = async (asks: Errand, claims?: object): Promise<ErrandReport> => {
  const errand = await bench.plane.errand(asks, claims)
  return bench.plane.until(() => bench.plane.errands.get(errand)?.[0])
}
const comments = async (): Promise<Record<string, unknown>[]> =>
  (await at('GET', '/repos/acme/shop/issues/1/comments')) as unknown as Record<string, unknown>[]

test('a pull request is looked at with the credential of the machine, and the control plane hears what is said of it', async () => {
  const { ground } = await bench.run(idle)
  expect(await brought(sight())).toMatchObject({
    is: 'seen',
    seen: {
      ref: `acme/shop#${pull.number}`,
      state: 'open',
      head: pull.head,
      reviews: [{ verdict: 'request_changes', text: 'Round up.', who: { name: '@sam', person: null } }],
    },
  })
  expect(front.seen.every(({ headers }) => String(headers.authorization).includes(token))).toBe(true)
  expect(front.writes() - front.seen.filter(({ path: to }) => to.endsWith('/graphql')).length).toBe(0)
  // What left is told, and the token is nowhere but where it is kept.
  const left = await readLeft(ground.folder, 'run_1')
  expect(left.map(({ what }) => what)).toEqual(expect.arrayContaining(['github.watch', 'errand sight']))
  expect(await lastUse(bench.home, 'provider', 'github')).not.toBeNull()
  for (const name of readdirSync(bench.home, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(bench.home, name)
    if (statSync(file, { throwIfNoEntry: false })?.isFile() && !/credentials[/]keys[.]json$/.test(name))
      expect(readFileSync(file, 'latin1').includes(token), name).toBe(false)
  }
})

test('the message of a run is written, found again after a kill in between, and changed: there is one', async () => {
  await bench.run(idle)
  const before = (await comments()).length
  const asks = status() as Extract<Errand, { what: 'status' }>
  const wrote = await brought(asks)
  expect(wrote).toMatchObject({ is: 'kept', went: { is: 'done', receipt: { observed: { ref: 'acme/shop#1' } } } })
  // Its answer was lost: the control plane knows only that it was begun.
  expect(await brought({ ...asks, begun: true, text: 'It waits for approval.' })).toMatchObject({
    is: 'kept',
    went: { is: 'done' },
  })
  const message = String(
    wrote.is === 'kept' && wrote.went.is === 'done' ? wrote.went.receipt.observed['message'] : expect.unreachable(),
  )
  expect(await brought({ ...asks, begun: true, message, text: 'Done.' })).toMatchObject({
    is: 'kept',
    went: { is: 'done' },
  })
  const now = await comments()
  expect(now).toHaveLength(before + 1)
  expect(now.at(-1)!['body']).toContain('Done.')
})

describe('what is not done', () => {
  /** How it ended, and how often the tool was asked. */
  const no = async (asks: Errand, claims?: object) => ({ ...(await brought(asks, claims)), asked: front.seen.length })
  const refused = (code: string, summary: string) => ({
    is: 'failed',
    code,
    summary: expect.stringContaining(summary),
    asked: 0,
  })
  test("a pull request in a repository that is not the run's", async () => {
    await bench.run(idle)
    expect(await no(sight({ ref: 'acme/payroll#1', url: null }))).toMatchObject(
      refused('outside_workflow', 'acme/payroll#1'),
    )
  })
  test('a credential that is kept for other things, or for another address', async () => {
    await keep(['github.comment'])
    await bench.run(idle)
    expect(await no(sight())).toMatchObject(refused('credential_missing', 'github.watch'))
    const elsewhere = { ...common().connection, at: 'https://evil.example' }
    expect(await no(sight({ connection: elsewhere }))).toMatchObject(refused('credential_missing', 'evil.example'))
  })
  test('what the policy of the machine does not name', async () => {
    await bench.run(idle, { policy: 'actions: [github.comment]\n' })
    expect(await no(sight())).toMatchObject(refused('runner_refused', 'github.watch'))
    expect(await no(status())).toMatchObject(refused('runner_refused', 'github.status'))
  })
  test('words of people, where short texts stay on the machine', async () => {
    await bench.run(idle, { policy: 'leaves: { excerpts: false }\n' })
    expect(await no(sight())).toMatchObject(refused('texts_stay', '(kept on the runner)'))
  })
  test.each([
    ['another question than was signed', { asks: 'a'.repeat(64) }],
    ['another runner', { runner: 'rnr_other' }],
    ['another errand', { errand: 'errand_other' }],
    ['too late', { exp: 1 }],
  ])('a grant for %s', async (_, claims) => {
    await bench.run(idle)
    expect(await no(sight(), claims)).toMatchObject(refused('grant_invalid', ''))
  })
  test('the same order again, by whoever kept it', async () => {
    await bench.run(idle)
    expect((await brought(sight())).is).toBe('seen')
    const order = bench.plane.given.findLast((one) => one.order === 'errand')!
    const asked = front.seen.length
    bench.plane.order({ ...order, id: 'ord_again' })
    const { errand } = order as Extract<typeof order, { order: 'errand' }>
    expect(await bench.plane.until(() => bench.plane.errands.get(errand)?.[1])).toMatchObject({ code: 'grant_used' })
    expect(front.seen).toHaveLength(asked)
  })
})

test('a tool that does not answer, or breaks off: the answer says so, and the next errand goes on', async () => {
  await bench.run(idle)
  front.break({ is: ({ path: to }) => to.includes('/pulls/'), when: 'before' })
  expect(await brought(sight())).toMatchObject({ is: 'failed', code: 'not_read' })
  expect((await brought(sight())).is).toBe('seen')
})
