import { expect, test } from 'vitest'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeSignInLink } from './link.ts'

const { plane, url, workspace, replica } = await testPlane()
const acme = await workspace('acme', ['payments'])
const link = (person: string, landsOn?: string) =>
  inWorkspace(plane.context.db, acme.id, (tx) => makeSignInLink(tx, person, { kind: 'system' }, url, landsOn)).then(
    (made) => made!.url.split('#')[1]!,
  )
const cookieOf = (headers: Headers): string => headers.getSetCookie()[0]!.split(';')[0]!

test('a link opens one session, once, and lands where it was made for', async () => {
  const token = await link(acme.admin.id, '/inbox/gate_1')
  const first = await send(url, 'POST', '/api/session', { body: { token } })
  expect(first.status).toBe(200)
  expect(first.body).toEqual({ to: '/inbox/gate_1' })
  expect(first.headers.getSetCookie()[0]).toMatch(
    /^viewport=vps_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  const me = await send(url, 'GET', '/api/me', { headers: { cookie: cookieOf(first.headers) } })
  expect(me.body).toMatchObject({
    person: { id: acme.admin.id, role: 'admin', active: true },
    workspace: { id: acme.id, slug: 'acme', sample: false },
  })
  const second = await send(url, 'POST', '/api/session', { body: { token } })
  expect(second.status).toBe(410)
  expect(second.body.code).toBe('sign_in_link_used')
})

test('the same link at two replicas at the same moment opens one session', async () => {
  const other = await replica()
  const token = await link(acme.admin.id)
  const came = await Promise.all(
    [url, other.url, url, other.url].map((at) => send(at, 'POST', '/api/session', { body: { token } })),
  )
  expect(came.map((one) => one.status).sort()).toEqual([200, 410, 410, 410])
})

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
  'a link never lands on %s',
  async (landsOn) => {
    const came = await send(url, 'POST', '/api/session', { body: { token: await link(acme.admin.id, landsOn) } })
    expect(came.body).toEqual({ to: '/' })
  },
)

test('an expired link is the same as a used and as an unknown one', async () => {
  const token = await link(acme.admin.id)
  await inWorkspace(plane.context.db, acme.id, (tx) =>
    tx.query('update vp.sign_in_links set expires_at = vp.now_ms() - 1 where workspace = $1', [acme.id]),
  )
  const unknown = `vpl_${'A'.repeat(43)}`
  const bodies = await Promise.all(
    [token, unknown, 'nonsense that is no token'].map(
      async (one) => (await send(url, 'POST', '/api/session', { body: { token: one } })).body,
    ),
  )
  expect(bodies[0].code).toBe('sign_in_link_used')
  expect(bodies[1]).toEqual(bodies[0])
  expect(bodies[2]).toEqual(bodies[0])
})

test('signing out ends the session at once, and its cookie is taken back', async () => {
  const dana = await acme.person('dana')
  expect((await dana.get('/api/me')).status).toBe(200)
  const out = await dana.del('/api/session')
  expect(out.status).toBe(204)
  expect(out.headers.getSetCookie()[0]).toMatch(/^viewport=; /)
  expect((await dana.get('/api/me')).body.code).toBe('not_signed_in')
})

test('an old session is exchanged: the old secret works for a minute, the new one on, and the csrf word stays', async () => {
  const eve = await acme.person('eve')
  await inWorkspace(plane.context.db, acme.id, (tx) =>
    tx.query(
      `update vp.sessions set created_at = created_at - 13 * 3600000, agent = 'A browser' where workspace = $1 and person = $2`,
      [acme.id, eve.id],
    ),
  )
  const me = await eve.get('/api/me')
  const cookie = cookieOf(me.headers)
  expect(cookie).not.toBe(eve.headers.cookie)
  expect((await eve.get('/api/me')).status).toBe(200) // a request that was under way
  const fresh = await send(url, 'GET', '/api/me', { headers: { cookie } })
  expect(fresh.body.csrf).toBe('csrf-of-eve')
  const agents = await inWorkspace(plane.context.db, acme.id, (tx) =>
    tx.query('select agent from vp.sessions where workspace = $1 and person = $2', [acme.id, eve.id]),
  )
  expect(agents.rows.length).toBeGreaterThan(1)
  expect(new Set(agents.rows.map((row) => row.agent))).toEqual(new Set(['A browser']))
  await inWorkspace(plane.context.db, acme.id, (tx) =>
    tx.query('update vp.sessions set expires_at = expires_at - 61000 where workspace = $1 and person = $2', [
      acme.id,
      eve.id,
    ]),
  )
  expect((await eve.get('/api/me')).status).toBe(401)
  expect((await send(url, 'GET', '/api/me', { headers: { cookie } })).status).toBe(200)
})

test('who is removed is nobody at once, at every replica, by every way in; coming back needs a new way', async () => {
  const [other, mallory] = [await replica(), await acme.person('mallory')]
  const { body: made } = await mallory.post('/api/tokens', { name: 'cli', days: 30 })
  const unused = await link(mallory.id)
  const asToken = (at: string) => send(at, 'GET', '/api/me', { headers: { authorization: `Bearer ${made.token}` } })
  expect((await asToken(other.url)).status).toBe(200)
  expect((await acme.admin.put(`/api/people/${mallory.id}`, { active: false })).status).toBe(200)
  expect((await mallory.get('/api/me')).status).toBe(401)
  expect((await mallory.at(other).get('/api/me')).status).toBe(401)
  expect((await asToken(other.url)).status).toBe(401)
  expect((await send(url, 'POST', '/api/session', { body: { token: unused } })).status).toBe(410)
  await acme.admin.put(`/api/people/${mallory.id}`, { active: true })
  expect((await mallory.get('/api/me')).status).toBe(401)
  expect((await asToken(url)).status).toBe(401)
})

test('an API token holds the rights of its person as they are now, needs no csrf word, and ends', async () => {
  const sam = await acme.person('sam', { role: 'admin' })
  const { status, body } = await sam.post('/api/tokens', { name: 'cli', days: 1 })
  expect(status).toBe(201)
  expect(body.token).toMatch(/^vpt_[\w-]{43}$/)
  const add = (slug: string) =>
    send(url, 'POST', '/api/teams', { headers: { authorization: `Bearer ${body.token}` }, body: { slug, name: slug } })
  expect((await add('one')).status).toBe(201)
  await acme.admin.put(`/api/people/${sam.id}`, { role: 'member' })
  expect((await add('two')).body.code).toBe('not_allowed')
  await inWorkspace(plane.context.db, acme.id, (tx) =>
    tx.query('update vp.api_tokens set expires_at = vp.now_ms() where workspace = $1', [acme.id]),
  )
  expect((await add('three')).status).toBe(401)
})

test('a wrong token is not helped by a right cookie', async () => {
  const came = await acme.admin.call('GET', '/api/me', undefined, { authorization: `Bearer vpt_${'A'.repeat(43)}` })
  expect(came.status).toBe(401)
})

test('a list of tokens shows no secret; a revoked one is over', async () => {
  const ida = await acme.person('ida')
  const { body: made } = await ida.post('/api/tokens', { name: 'laptop', days: 7 })
  const { body } = await ida.get('/api/tokens')
  expect(body.tokens).toEqual([expect.objectContaining({ name: 'laptop' })])
  expect(JSON.stringify(body)).not.toContain(made.token.slice(4))
  expect((await acme.admin.del(`/api/tokens/${body.tokens[0].id}`)).status).toBe(404) // another person's
  expect((await ida.del(`/api/tokens/${body.tokens[0].id}`)).status).toBe(204)
  expect((await send(url, 'GET', '/api/me', { headers: { authorization: `Bearer ${made.token}` } })).status).toBe(401)
})

test('no secret of anybody is in the database', async () => {
  const token = await link(acme.admin.id)
  const dump = await plane.context.db.asOwner(async (owner) => {
    await owner.query(`set vp.workspace = '${acme.id}'`)
    const { rows } = await owner.query<{ row: string }>(
      ['sessions', 'sign_in_links', 'api_tokens', 'facts']
        .map((table) => `select t::text as row from vp.${table} t`)
        .join(' union all '),
    )
    return rows.map(({ row }) => row).join('\n')
  })
  expect(dump.length).toBeGreaterThan(500)
  expect(dump).not.toContain(token.slice(4))
  const secret = acme.admin.headers.cookie!.slice('viewport=vps_'.length)
  expect(secret).toHaveLength(43)
  expect(dump).not.toContain(secret)
})

test('twenty wrong links from one address, then a pause', async () => {
  const wrong = () => send(url, 'POST', '/api/session', { body: { token: `vpl_${'B'.repeat(43)}` } })
  const codes = new Set<string>()
  for (let n = 0; n < 22; n++) codes.add((await wrong()).body.code)
  expect([...codes]).toEqual(['sign_in_link_used', 'too_many_tries'])
  expect((await wrong()).status).toBe(429)
  expect((await send(url, 'POST', '/api/session', { body: { token: await link(acme.admin.id) } })).status).toBe(200)
  expect((await wrong()).status).toBe(429)
})
