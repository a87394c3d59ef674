/** Asking a runner to look: who may, what the runner is told, what it may answer, and what is said when it does not. */
import { beforeEach, describe, expect, test } from 'vitest'
import { compactVerify, importJWK } from 'jose'
import { lookGrantType, lookMisfit, type LookOrder } from '@viewportai/core/wire/look'
import type { Found } from '@viewportai/core/try/looked'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { sweepOld } from '../engine/sweeps.ts'
import { makeStuck } from '../stuck.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane()
const { db, signing } = plane.context
const [acme, evil] = [await workspace('acme'), await workspace('evil')]
const address = 'https://git.acme.dev/acme/api.git'

const found: Found = {
  agents: [],
  isolation: { level: 'sandbox', processes: 'pid-namespace', modelGateway: true, gitGateway: true, network: 'none' },
  network: { agents: [], checks: 'open' },
  reckoned: { input: 1, cached: 2, output: 3 },
  checks: { commands: ['npm test'], from: 'package.json', registries: [] },
  repository: {
    branch: 'main',
    commit: 'a'.repeat(40),
    branches: ['main'],
    branchCount: 1,
    submodules: [],
    submoduleCount: 0,
  },
}
const looked = { state: 'looked', found }

let n = 0
const online = async (of = acme): Promise<TestRunner> => {
  const runner = await new TestRunner(url).pair(db, of.id, `box-${++n}`)
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  return runner
}
const orders = async (runner: TestRunner, done: string[] = []): Promise<LookOrder[]> =>
  (await runner.post('/wire/orders', { done, waitSeconds: 0 })).body.orders
const ask = async (runner: TestRunner, more: object = {}) =>
  (await acme.admin.post('/api/looks', { runner: runner.id, url: address, ...more })).body
const read = async (look: string) => (await acme.admin.get(`/api/looks/${look}`)).body
const say = (runner: TestRunner, look: string, report: object) => runner.post(`/wire/looks/${look}`, report)
const age = (look: string, set: string) =>
  inWorkspace(db, acme.id, (tx) =>
    tx.query(`update vp.looks set ${set} where workspace = $1 and look = $2`, [tx.workspace, look]),
  )

let mine: TestRunner
beforeEach(async () => {
  mine = await online()
})

test('an admin asks, the runner is told with a grant for exactly that, and its answer is there for an hour', async () => {
  const asked = await ask(mine, { url: 'HTTPS://git.acme.dev:443/acme/api.git/', branch: 'next' })
  expect(asked).toMatchObject({
    state: 'asked',
    runner: { id: mine.id, pool: 'local' },
    url: address,
    branch: 'next',
    now: null,
    found: null,
    failure: null,
  })
  expect(asked.expiresAt - asked.askedAt).toBe(3_600_000)
  const [order] = await orders(mine)
  expect(order).toMatchObject({ order: 'look', look: asked.id, url: address, branch: 'next' })
  const { payload, protectedHeader } = await compactVerify(
    order!.grant,
    await importJWK(signing.current.public, 'EdDSA'),
  )
  expect(protectedHeader.typ).toBe(lookGrantType)
  const claims = JSON.parse(new TextDecoder().decode(payload))
  expect(lookMisfit(claims, order!, mine.id, Date.now() / 1_000)).toBe(null)
  expect(claims.exp - Date.now() / 1_000).toBeLessThan(301)

  expect((await say(mine, asked.id, { state: 'looking', now: 'fetching next, 3 s' })).status).toBe(204)
  expect(await read(asked.id)).toMatchObject({ state: 'looking', now: 'fetching next, 3 s' })
  expect((await say(mine, asked.id, looked)).status).toBe(204)
  expect(await read(asked.id)).toMatchObject({ state: 'looked', now: null, found })
  expect(await orders(mine, [order!.id])).toEqual([])
  const { rows } = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ text: string }>(`select text from vp.facts where workspace = $1 and type = 'runner.looked'`, [acme.id]),
  )
  expect(rows.map(({ text }) => JSON.parse(text).data)).toContainEqual({
    runner: mine.id,
    look: asked.id,
    url: address,
    branch: 'next',
  })
})

test('how it failed is told in the words of the runner', async () => {
  const { id } = await ask(mine)
  const failure = { code: 'checkout_token', summary: 'No token.', check: 'Set one.' }
  await say(mine, id, { state: 'failed', failure })
  expect(await read(id)).toMatchObject({ state: 'failed', failure, found: null })
})

test('a new question takes the place of one that is open; the runner hears that nobody waits for the old one', async () => {
  const first = await ask(mine)
  const second = await ask(mine)
  expect((await orders(mine)).map(({ look }) => look)).toEqual([second.id])
  expect((await say(mine, first.id, looked)).status).toBe(404)
  expect((await acme.admin.get(`/api/looks/${first.id}`)).status).toBe(404)
  await say(mine, second.id, looked)
  const third = await ask(mine)
  expect((await read(second.id)).state).toBe('looked') // what has ended stays
  expect(third.state).toBe('asked')
})

describe('who may', () => {
  test('a member may neither ask nor read', async () => {
    const member = await acme.person(`member-${++n}`)
    expect((await member.post('/api/looks', { runner: mine.id, url: address })).body.code).toBe('not_allowed')
    const { id } = await ask(mine)
    expect((await member.get(`/api/looks/${id}`)).body.code).toBe('not_allowed')
  })
  test('another workspace sees neither the runner nor the look, and its runner cannot answer', async () => {
    const { id } = await ask(mine)
    expect((await evil.admin.post('/api/looks', { runner: mine.id, url: address })).body.code).toBe('not_found')
    expect((await evil.admin.get(`/api/looks/${id}`)).body.code).toBe('not_found')
    expect((await say(await online(evil), id, looked)).status).toBe(404)
    expect((await read(id)).state).toBe('asked')
  })
  test('another runner of the workspace cannot answer', async () => {
    const { id } = await ask(mine)
    expect((await say(await online(), id, looked)).status).toBe(404)
    expect((await read(id)).state).toBe('asked')
  })
  test('a runner that was removed is not asked, and what it was asked is away', async () => {
    const { id } = await ask(mine)
    await acme.admin.del(`/api/runners/${mine.id}`)
    expect((await ask(mine)).code).toBe('not_found')
    expect((await read(id)).state).toBe('away')
    expect((await say(mine, id, looked)).status).toBe(401)
  })
})

describe('answers that do not count', () => {
  test('a second one, and one after the time', async () => {
    const { id } = await ask(mine)
    await say(mine, id, looked)
    const other = { ...looked, found: { ...found, checks: { commands: ['rm -rf /'], from: 'x' } } }
    expect((await say(mine, id, other)).status).toBe(404)
    expect((await read(id)).found).toEqual(found)
    const late = await ask(mine)
    await age(late.id, 'expires_at = vp.now_ms() - 1')
    expect((await say(mine, late.id, looked)).status).toBe(404)
    expect((await acme.admin.get(`/api/looks/${late.id}`)).status).toBe(404)
    await sweepOld(
      db,
      makeStuck(() => {}),
    )
    const { rows } = await inWorkspace(db, acme.id, (tx) =>
      tx.query('select look from vp.looks where workspace = $1 and look = any($2)', [acme.id, [id, late.id]]),
    )
    expect(rows).toEqual([{ look: id }])
  })
  test.each([
    ['another form', { state: 'looked', found: { ...found, key: 'sk-x' } }],
    ['too many commands', { ...looked, found: { ...found, checks: { commands: Array(101).fill('x'), from: null } } }],
    ['a commit that is none', { ...looked, found: { ...found, repository: { ...found.repository, commit: 'main' } } }],
    ['NUL', { state: 'looking', now: 'a\0b' }],
    ['no such state', { state: 'asked' }],
  ])('%s', async (_, report) => {
    const { id } = await ask(mine)
    expect((await say(mine, id, report)).status).toBe(422)
    expect((await read(id)).state).toBe('asked')
  })
})

describe('when nothing is said', () => {
  test('a vpd that takes the order and has not said that it began does not know how to look', async () => {
    const { id } = await ask(mine)
    const [order] = await orders(mine)
    expect((await read(id)).state).toBe('asked')
    await orders(mine, [order!.id])
    expect((await read(id)).state).toBe('too_old')
  })
  test('a runner that is not online, and one that began and is silent', async () => {
    const { id } = await ask(mine)
    await say(mine, id, { state: 'looking', now: 'begun' })
    await age(id, 'heard_at = vp.now_ms() - 60000')
    expect((await read(id)).state).toBe('silent')
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1 and runner = $2', [acme.id, mine.id]),
    )
    expect((await read(id)).state).toBe('away')
    await say(mine, id, looked)
    expect((await read(id)).state).toBe('looked') // what it said counts, wherever it is now
  })
})

test.each(['git@github.com:acme/api.git', 'https://me:pw@git.acme.dev/a/b', '/srv/git/api', 'javascript:alert(1)', ''])(
  'the address %j is refused before any runner hears of it',
  async (bad) => {
    expect((await ask(mine, { url: bad })).code).toBe('invalid')
    expect(await orders(mine)).toEqual([])
  },
)
