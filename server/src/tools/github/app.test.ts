/** An App of GitHub from the click to the connection, as a person's browser goes: the page with the form, GitHub, back with a code, the installation. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { send, testPlane, type TestPerson } from '../../../test/plane.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { formAddress, isPublic, manifestOf, webOf } from './manifest.ts'
import { appMaker } from './testing/app-maker.ts'

const hub = await appMaker()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context

let count = 0
const fresh = async () => {
  const of = await workspace(`w${++count}`, ['payments'])
  return { of, admin: of.admin }
}
const start = (by: TestPerson, more: object = {}) =>
  by.post('/api/github-apps', { name: 'github', base: hub.api, organization: 'acme', ...more })
/** The page, its form posted as a browser posts it, and the way back. */
const throughGitHub = async (
  page: string,
): Promise<{ code: string; state: string; html: string; headers: Headers }> => {
  const { pathname, search } = new URL(page)
  const shown = await send(plane.url, 'GET', pathname + search)
  expect(shown.status).toBe(200)
  const unescaped = (text: string): string =>
    text.replace(/&#(\d+);/g, (_all, sign: string) => String.fromCharCode(Number(sign)))
  const action = unescaped(/action="([^"]+)"/.exec(shown.body)![1]!)
  const manifest = unescaped(/name="manifest" value="([^"]+)"/.exec(shown.body)![1]!)
  const came = await fetch(action, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ manifest }) })
  const back = new URL(came.headers.get('location')!)
  expect(back.origin + back.pathname).toBe(`${plane.url}/connections`)
  return {
    code: back.searchParams.get('code')!,
    state: back.searchParams.get('state')!,
    html: shown.body,
    headers: shown.headers,
  }
}
const made = async (by: TestPerson) => {
  const { body } = await start(by)
  const back = await throughGitHub(body.page)
  const came = await by.post('/api/github-apps/codes', { state: back.state, code: back.code })
  return { back, came }
}
const nextState = (install: string): string => new URL(install).searchParams.get('state')!

test('begun, made, installed: a connection whose key nobody saw', async () => {
  const { of, admin } = await fresh()
  const { back, came } = await made(admin)
  const app = hub.apps.at(-1)
  expect([came.status, came.body]).toEqual([
    200,
    { app: app.slug, install: expect.stringContaining(`${app.html_url}/installations/new?state=vpg_`) },
  ])
  expect(app.organization).toBe('acme')
  expect(back.headers.get('content-security-policy')).toContain(`form-action ${hub.web}`)
  expect(back.headers.get('content-security-policy')).not.toContain('script')
  // No public address: the webhook is switched off, and the repositories are asked.
  expect(app.manifest).toMatchObject({
    public: false,
    hook_attributes: { active: false },
    default_permissions: { contents: 'read', checks: 'write' },
  })
  const done = await admin.post('/api/github-apps/installations', {
    state: nextState(came.body.install),
    installation: String(app.installation),
  })
  expect(done.status).toBe(201)
  expect(done.body).toMatchObject({
    connection: {
      tool: 'github',
      account: `${app.slug}[bot]`,
      problem: null,
      settings: { base: hub.api, app: String(app.id), repos: 'acme/shop, acme/web' },
    },
    made: {},
    notes: expect.arrayContaining([expect.stringContaining('switched off')]),
  })
  expect(done.body.connection.url).toBe(app.manifest.hook_attributes.url)
  expect(done.body.connection.polls.map((one: { stream: string }) => one.stream)).toEqual(['acme/shop', 'acme/web'])
  for (const secret of [app.pem, app.webhook_secret])
    expect(JSON.stringify([came.body, done.body])).not.toContain(secret)
  // What was sealed for the way is gone with it.
  const { rows } = await inWorkspace(db, of.id, (tx) => tx.query('select from vp.app_setups'))
  expect(rows).toEqual([])
  // Its webhooks are signed with the secret that GitHub made.
  const body = '{"zen":"x"}'
  const hook = new URL(done.body.connection.url).pathname
  const signed = (secret: string) => ({
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': 'd-1',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  })
  expect((await send(plane.url, 'POST', hook, { body, headers: signed(app.webhook_secret) })).status).toBe(202)
  expect((await send(plane.url, 'POST', hook, { body, headers: signed('another') })).status).toBe(401)
})

describe('the way back', () => {
  const used = 'this way back from GitHub was used already'
  test('a word is good once', async () => {
    const { admin } = await fresh()
    const { back, came } = await made(admin)
    const again = await admin.post('/api/github-apps/codes', { state: back.state, code: back.code })
    expect([again.status, again.body.detail]).toEqual([422, expect.stringContaining(used)])
    const app = hub.apps.at(-1)
    const install = { state: nextState(came.body.install), installation: String(app.installation) }
    expect((await admin.post('/api/github-apps/installations', install)).status).toBe(201)
    expect((await admin.post('/api/github-apps/installations', install)).body.detail).toContain(used)
  })
  test('a word of one step is none of the other', async () => {
    const { admin } = await fresh()
    const { body } = await start(admin)
    const back = await throughGitHub(body.page)
    expect(
      (await admin.post('/api/github-apps/installations', { state: back.state, installation: '9000' })).body.detail,
    ).toContain(used)
    expect((await admin.post('/api/github-apps/codes', { state: back.state, code: back.code })).status).toBe(200)
  })
  test('nobody else’s: not another admin of the workspace, not one of another, not a member', async () => {
    const { of, admin } = await fresh()
    const other = await fresh()
    const second = await of.person('second', { role: 'admin' })
    const member = await of.person('member', {})
    const { body } = await start(admin)
    const back = await throughGitHub(body.page)
    const { code, state } = back
    for (const [who, status] of [
      [second, 422],
      [other.admin, 422],
      [member, 403],
    ] as const)
      expect((await who.post('/api/github-apps/codes', { state, code })).status).toBe(status)
    // Whoever tried before, it is still good for who began.
    expect((await admin.post('/api/github-apps/codes', { state, code })).status).toBe(200)
    expect((await start(member)).status).toBe(403)
  })
  test('older than an hour it is no good, and neither is the page', async () => {
    const { of, admin } = await fresh()
    const { body } = await start(admin)
    const back = await throughGitHub(body.page)
    await inWorkspace(db, of.id, (tx) => tx.query('update vp.app_setups set created_at = created_at - 3600001'))
    expect((await admin.post('/api/github-apps/codes', { state: back.state, code: back.code })).body.detail).toContain(
      used,
    )
  })
  test('a code that GitHub does not know, and nonsense, are said in words', async () => {
    const { admin } = await fresh()
    const code = async (text: string) => {
      const { body } = await start(admin)
      const { state } = await throughGitHub(body.page)
      return (await admin.post('/api/github-apps/codes', { state, code: text })).body.detail as string
    }
    expect(await code('unknown')).toContain('GitHub does not know the code')
    expect(await code('../../x')).toContain('not one that GitHub gives')
    expect((await admin.post('/api/github-apps/codes', { state: 'x', code: 'y' })).body.detail).toContain(used)
  })
  test('an installation of another App is refused, and the right one still does', async () => {
    const { admin } = await fresh()
    const { came } = await made(admin)
    const state = nextState(came.body.install)
    const wrong = await admin.post('/api/github-apps/installations', { state, installation: '1' })
    expect([wrong.status, wrong.body.detail]).toEqual([422, expect.stringContaining('no installation 1')])
    expect((await admin.get('/api/connections')).body.connections).toEqual([])
    const right = await admin.post('/api/github-apps/installations', {
      state,
      installation: String(hub.apps.at(-1).installation),
    })
    expect(right.status).toBe(201)
  })
})

test.each([
  [{ base: 'nowhere' }, /address of an API/],
  [{ base: 'https://e%3bvil/api/v3' }, /address of an API/],
  [{ base: 'https://ghe.acme.dev' }, /HOST\/api\/v3/],
  [{ base: 'https://github.com' }, /its API is at https:\/\/api\.github\.com/],
  [{ base: 'https://api.acme.ghe.com/v3' }, /none of .*api\.NAME\.ghe\.com/],
  [{ organization: 'a/../b' }, /organization/],
])('%j is refused before anything begins', async (more, why) => {
  const { admin } = await fresh()
  expect((await start(admin, more)).body.detail).toMatch(why)
})

test('Enterprise Cloud with data residency has its API on a host of its own', async () => {
  const { admin } = await fresh()
  expect((await start(admin, { base: 'https://api.acme.ghe.com' })).status).toBe(201)
})

test('a page that nobody sealed leads nowhere', async () => {
  const came = await send(plane.url, 'GET', '/github-app-form?form=v1.AAAA')
  expect([came.status, came.headers.get('content-security-policy')]).toEqual([
    410,
    expect.stringContaining("form-action 'none'"),
  ])
})

test('a public address gets webhooks; github.com and Enterprise have their own pages', () => {
  const wanted = (own: string) => manifestOf({ name: 'Viewport', own, source: 'src_1' })
  expect(wanted('https://viewport.acme.dev')).toMatchObject({
    hook_attributes: { url: 'https://viewport.acme.dev/hooks/src_1', active: true },
  })
  for (const own of [
    'http://localhost:4400',
    'https://192.168.1.4',
    'https://viewport.local',
    'https://vp',
    'http://viewport.acme.dev',
  ])
    expect([own, isPublic(own)]).toEqual([own, false])
  expect(['https://api.github.com', 'https://ghe.acme.dev/api/v3', 'https://api.acme.ghe.com'].map(webOf)).toEqual([
    'https://github.com',
    'https://ghe.acme.dev',
    'https://acme.ghe.com',
  ])
  expect(formAddress('https://api.github.com', null, 's')).toBe('https://github.com/settings/apps/new?state=s')
})
