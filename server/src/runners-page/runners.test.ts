import { expect, test } from 'vitest'
import { keyWords } from '@viewportai/core/wire/key-words'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { lacks } from '../wire/fit.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
await acme.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })

const begin = async () => {
  const runner = new TestRunner(url)
  const { body } = await runner.post('/wire/pairings', {
    key: runner.jwk,
    name: 'laptop',
    pool: 'local',
    capabilities: capabilities(),
  })
  return { runner, ...(body as { pairing: string; code: string; words: string[] }) }
}
const poll = async ({ runner, pairing }: { runner: TestRunner; pairing: string }) =>
  (await runner.post('/wire/pairings/poll', { pairing })).body
let names = 0
const approval = (words: string[], over: object = {}) => ({
  verdict: 'approve',
  name: `box-${++names}`,
  pool: 'local',
  repositories: ['acme/shop'],
  words,
  ...over,
})
const facts = async (type: string) =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ text: string }>('select text from vp.facts where workspace = $1 and type = $2 order by position', [
        acme.id,
        type,
      ]),
    )
  ).rows.map((row) => JSON.parse(row.text))

test('a code, typed in any way, finds the pairing with the words that the terminal shows; approved, the runner is there', async () => {
  const begun = await begin()
  expect(begun.words).toEqual(keyWords(begun.runner.jwk))
  for (const typed of [
    begun.code,
    begun.code.toLowerCase(),
    begun.code.replaceAll('-', ' '),
    ` ${begun.code.replaceAll('-', '')} `,
  ]) {
    const { status, body } = await acme.admin.post('/api/pairings/lookup', { code: typed })
    expect(status, typed).toBe(200)
    expect(body).toMatchObject({
      id: begun.pairing,
      name: 'laptop',
      pool: 'local',
      words: begun.words,
      address: expect.stringContaining('127.0.0.1'),
    })
  }
  expect(await poll(begun)).toEqual({ state: 'waiting' })
  const { body } = await acme.admin.post(
    `/api/pairings/${begun.pairing}/decision`,
    approval(begun.words, { name: 'payments-box', repositories: ['acme/shop'] }),
  )
  expect(await poll(begun)).toMatchObject({
    state: 'approved',
    runner: body.runner,
    name: 'payments-box',
    pool: 'local',
    workspace: { id: acme.id },
    repositories: ['acme/shop'],
  })
  const listed = (await acme.admin.get('/api/runners')).body
  expect(listed.runners[0]).toMatchObject({
    id: body.runner,
    name: 'payments-box',
    online: false,
    draining: false,
    pairedBy: `@${acme.admin.handle}`,
    words: begun.words,
    busy: [],
  })
  expect((await facts('runner.paired'))[0]).toMatchObject({
    by: { id: acme.admin.id },
    data: { runner: body.runner, words: begun.words, owner: acme.admin.id },
  })
  // One use: the code finds nothing any more, and the pairing cannot be decided again.
  expect((await acme.admin.post('/api/pairings/lookup', { code: begun.code })).body.code).toBe('pairing_unknown')
  expect((await acme.admin.post(`/api/pairings/${begun.pairing}/decision`, approval(begun.words))).body.code).toBe(
    'pairing_unknown',
  )
})

test('with other words than the key has nothing is approved', async () => {
  const begun = await begin()
  const wrong = await acme.admin.post(`/api/pairings/${begun.pairing}/decision`, approval([...begun.words].reverse()))
  expect(wrong.body).toMatchObject({ code: 'invalid', facts: { where: 'body.words' } })
  expect(await poll(begun)).toEqual({ state: 'waiting' })
  expect(await facts('refusal.recorded')).toHaveLength(1)
})

test('refused, the runner hears who did it', async () => {
  const begun = await begin()
  expect((await acme.admin.post(`/api/pairings/${begun.pairing}/decision`, { verdict: 'refuse' })).body).toEqual({
    runner: null,
  })
  expect(await poll(begun)).toEqual({ state: 'refused', why: `@${acme.admin.handle} refused this runner.` })
})

test('of two admins at once one decides', async () => {
  const begun = await begin()
  const second = await acme.person('second', { role: 'admin' })
  const came = await Promise.all([
    acme.admin.post(`/api/pairings/${begun.pairing}/decision`, approval(begun.words)),
    second.post(`/api/pairings/${begun.pairing}/decision`, { verdict: 'refuse' }),
  ])
  expect(came.map((one) => one.status).sort()).toEqual([200, 404])
})

test("a name is one runner's, a key is one runner's, a repository must exist", async () => {
  const [one, two] = [await begin(), await begin()]
  await acme.admin.post(`/api/pairings/${one.pairing}/decision`, approval(one.words, { name: 'twin' }))
  expect(
    (await acme.admin.post(`/api/pairings/${two.pairing}/decision`, approval(two.words, { name: 'twin' }))).body.code,
  ).toBe('conflict')
  expect(
    (
      await acme.admin.post(
        `/api/pairings/${two.pairing}/decision`,
        approval(two.words, { repositories: ['acme/nothing'] }),
      )
    ).body.code,
  ).toBe('not_found')
  const { body } = await one.runner.post('/wire/pairings', {
    key: one.runner.jwk,
    name: null,
    pool: null,
    capabilities: capabilities(),
  })
  const again = await acme.admin.post(`/api/pairings/${body.pairing}/decision`, approval(one.words))
  expect(again.body.code).toBe('conflict')
  const beta = await workspace('beta')
  expect(
    (await beta.admin.post(`/api/pairings/${body.pairing}/decision`, approval(one.words, { repositories: [] }))).body
      .code,
  ).toBe('conflict')
  expect((await acme.admin.post(`/api/pairings/${two.pairing}/decision`, approval(two.words))).status).toBe(200)
})

test('wrong, expired and reused codes give the same answer, and after six of them nothing is heard for a while', async () => {
  const guesser = await acme.person('guesser', { role: 'admin' })
  const [used, old, good] = [await begin(), await begin(), await begin()]
  await acme.admin.post(`/api/pairings/${used.pairing}/decision`, { verdict: 'refuse' })
  await db.asOwner(async (owner) => {
    await owner.query('set role vp_lookup')
    await owner.query('update vp.pairings set expires_at = vp.now_ms() - 1 where pairing = $1', [old.pairing])
  })
  const answers = await Promise.all(
    [used.code, old.code, 'A4-X91-7QH', 'nonsense', '', '🦊'].map(
      async (code) => (await guesser.post('/api/pairings/lookup', { code })).body,
    ),
  )
  for (const answer of answers) expect(answer).toEqual(answers[0])
  expect(answers[0]).toMatchObject({ code: 'pairing_unknown', status: 404 })
  expect((await guesser.post('/api/pairings/lookup', { code: good.code })).body).toMatchObject({
    code: 'too_many_tries',
    status: 429,
  })
  expect((await acme.admin.post('/api/pairings/lookup', { code: good.code })).status).toBe(200) // another admin is not locked out
})

test('somebody who may not let a runner in leaves a fact of the try (F30), as many as a person makes and not as many as a loop', async () => {
  const member = await acme.person('no-admin')
  const { pairing, words } = await begin()
  const decide = () =>
    member.post(`/api/pairings/${pairing}/decision`, {
      verdict: 'approve',
      name: 'mine',
      pool: 'local',
      words,
      repositories: [],
    })
  const tries = async (who = member) =>
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ text: string }>(
          `select text from vp.facts where workspace = $1 and run = $1 and type = 'refusal.recorded' order by seq`,
          [acme.id],
        ),
      )
    ).rows
      .map(({ text }) => JSON.parse(text))
      .filter(({ by }) => by.id === who.id)
  expect((await decide()).body.code).toBe('not_allowed')
  expect(await tries()).toMatchObject([
    {
      by: { kind: 'person', id: member.id },
      data: { code: 'not_allowed', about: { route: 'decidePairing', pairing } },
    },
  ])
  for (let n = 0; n < 40; n++) await decide()
  expect(await tries()).toHaveLength(30)
  // Whoever tries in a loop hides nobody else's try, and what only looks is no try at a change.
  const other = await acme.person('no-admin-either')
  expect((await other.get('/api/accounts')).status).toBe(403)
  expect(await tries(other)).toEqual([])
  expect((await other.post(`/api/pairings/${'x'.repeat(250)}/decision`, { verdict: 'refuse' })).status).toBe(403)
  expect(await tries(other)).toMatchObject([{ data: { about: { pairing: 'x'.repeat(200) } } }])
  expect((await acme.admin.post(`/api/pairings/${pairing}/decision`, { verdict: 'refuse' })).status).toBeLessThan(300)
})

test('a drained runner gets nothing new and hears it; the numbers of the frame say so', async () => {
  const runner = await new TestRunner(url).pair(db, acme.id, 'drained', 'quiet')
  await runner.post('/wire/hello', { capabilities: capabilities({ slots: 3 }), holding: [] })
  const before = (await acme.admin.get('/api/status')).body
  expect(before).toMatchObject({ runnersOnline: 1, slots: 3, slotsFree: 3, inbox: 0 })
  expect((await acme.admin.post(`/api/runners/${runner.id}/drain`, { drain: true })).status).toBe(204)
  const spec = specFor(acme.admin)
  const waiting = await new Story(db, acme.id).start({ ...spec, pins: { ...spec.pins, pool: 'quiet' } })
  expect(await runner.lease()).toBeNull()
  expect((await runner.post('/wire/orders', { done: [], waitSeconds: 0 })).body.orders).toEqual([
    expect.objectContaining({ order: 'drain' }),
  ])
  expect((await acme.admin.get('/api/status')).body).toMatchObject({ slots: 3, slotsFree: 0, running: 1 })
  expect((await acme.admin.get('/api/runners')).body.pools).toContainEqual({
    name: 'quiet',
    runners: 1,
    slots: 3,
    free: 0,
  })
  await acme.admin.post(`/api/runners/${runner.id}/drain`, { drain: false })
  // Whoever was away when it was told to drain, and comes back after it was let work again, does not end itself.
  expect((await runner.post('/wire/orders', { done: [], waitSeconds: 0 })).body).toEqual({ orders: [] })
  const lease = await runner.lease()
  expect(lease?.run).toBe(waiting.run)
  expect(
    (await acme.admin.get('/api/runners')).body.runners.find((one: { id: string }) => one.id === runner.id).busy,
  ).toEqual([{ run: waiting.run, number: expect.any(Number), step: 'plan', since: expect.any(Number) }])
})

test('a removed runner is refused at its next call, and what it held is lost at once', async () => {
  const runner = await new TestRunner(url).pair(db, acme.id, 'removed', 'gone')
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  const spec = specFor(acme.admin)
  const story = await new Story(db, acme.id).start({ ...spec, pins: { ...spec.pins, pool: 'gone' } })
  const lease = (await runner.lease())!
  await runner.ack(lease)
  await runner.report(lease, 1, { type: 'started', agent: null, isolation: capabilities().isolation, resumed: false })
  expect((await story.state()).steps['plan']!.status).toBe('running')
  expect((await acme.admin.del(`/api/runners/${runner.id}`)).status).toBe(204)
  expect((await story.state()).steps['plan']!.status).toBe('lost')
  const told = await runner.post(`/wire/leases/${lease.lease}/beat`, {
    epoch: lease.epoch,
    usage: null,
    now: null,
    logBytes: 0,
  })
  expect([told.status, told.body.code]).toEqual([401, 'runner_revoked'])
  expect((await acme.admin.get('/api/runners')).body.runners.map((one: { id: string }) => one.id)).not.toContain(
    runner.id,
  )
  expect((await acme.admin.del(`/api/runners/${runner.id}`)).body.code).toBe('not_found')
})

test('the inbox number counts what waits for me', async () => {
  const lead = await acme.person('lead', { teams: ['payments'] })
  await atPlanGate(db, acme.id, specFor(acme.admin))
  expect((await lead.get('/api/status')).body.inbox).toBe(1)
  expect((await acme.admin.get('/api/status')).body.inbox).toBe(0)
})

test('a paired runner gets what an admin lets it use, and no repository is all it may use when none is named', async () => {
  const begun = await begin()
  const { body } = await acme.admin.post(
    `/api/pairings/${begun.pairing}/decision`,
    approval(begun.words, { repositories: [] }),
  )
  const at = `/api/runners/${body.runner}`
  const wanted = {
    kind: 'agent',
    agent: null,
    mode: null,
    model: null,
    isolation: null,
    requires: [],
    repos: ['acme/shop'],
    runner: null,
    pool: 'local',
  }
  const offered = async () => {
    const found = (await acme.admin.get('/api/runners')).body.runners.find(
      (one: { id: string }) => one.id === body.runner,
    )
    return { ...found, runner: found.id }
  }
  expect(lacks(wanted, await offered())).toEqual(['leave to use the repository acme/shop'])
  expect((await acme.admin.put(at, { repositories: ['acme/shop'], pool: 'payments' })).body).toMatchObject({
    id: body.runner,
    pool: 'payments',
    repositories: ['acme/shop'],
  })
  expect(lacks({ ...wanted, pool: 'payments' }, await offered())).toEqual([])
  expect((await acme.admin.put(at, { repositories: ['acme/none'] })).body).toMatchObject({ code: 'not_found' })
  expect((await acme.admin.put('/api/runners/rnr_none', { pool: 'nowhere' })).body).toMatchObject({ code: 'not_found' })
  const { pools } = (await acme.admin.get('/api/runners')).body as { pools: { name: string }[] }
  expect(pools.map((pool) => pool.name)).not.toContain('nowhere')
  expect(await facts('runner.changed')).toMatchObject([
    { by: { id: acme.admin.id }, data: { runner: body.runner, pool: 'payments', repositories: ['acme/shop'] } },
  ])
})
