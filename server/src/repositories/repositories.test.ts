import { expect, test } from 'vitest'
import { isRefusal } from '@viewportai/core/refusal'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { repositoryAddress } from './address.ts'

const { plane, workspace } = await testPlane()
const acme = await workspace('acme')

test.each([
  ['https://git.acme.dev/acme/api.git', 'https://git.acme.dev/acme/api.git'],
  ['HTTPS://Git.Acme.Dev:443/acme/api.git/', 'https://git.acme.dev/acme/api.git'],
  ['https://git.acme.dev/acme/../acme/./api.git', 'https://git.acme.dev/acme/api.git'],
  ['file:///srv/git/shop.git', 'file:///srv/git/shop.git'],
  ['file:///srv/git/../git/shop.git//', 'file:///srv/git/shop.git'],
  ['file:///srv/with%20space/shop.git', 'file:///srv/with%20space/shop.git'],
])('%s is kept as %s', (text, kept) => expect(repositoryAddress(text)).toBe(kept))

test.each([
  'git@github.com:acme/api.git',
  'ssh://git@github.com/acme/api.git',
  'git://github.com/acme/api.git',
  'http://git.acme.dev/acme/api.git',
  'ext::sh -c id',
  'https://user:secret@git.acme.dev/acme/api.git',
  'https://token@git.acme.dev/acme/api.git',
  'https://git.acme.dev/acme/api.git?ref=x',
  'https://git.acme.dev/acme/api.git#x',
  'https://git.acme.dev',
  'https://git.acme.dev/acme//api.git',
  'https://git.acme.dev/acme%2f..%2fother.git',
  'https://git.acme.dev/acme\\api.git',
  'https://git.acme.dev/acme/api.git\n--upload-pack=x',
  'file://server/share/shop.git',
  'file:///',
  '/srv/git/shop.git',
  '--upload-pack=touch /tmp/x',
  'javascript:alert(1)',
  '',
])('%j is refused', (text) => expect(isRefusal(repositoryAddress(text))).toBe(true))

test.each(['git@github.com:acme/api.git', 'ssh://git@github.com/acme/api.git'])(
  '%s is answered with the address that will do',
  (text) => {
    const said = repositoryAddress(text)
    expect(isRefusal(said) && said.words).toBe(
      'The request is not valid: body.url: runners fetch over https:, not over ssh; expected https://github.com/acme/api.git.',
    )
  },
)

test('a repository has one name and one spelling, and a branch that git takes', async () => {
  const add = (name: string, url = 'https://git.acme.dev/acme/api.git', defaultBranch = 'main') =>
    acme.admin.post('/api/repositories', { name, url, defaultBranch })
  expect((await add('acme/api', 'HTTPS://git.acme.dev/acme/api.git/')).status).toBe(201)
  expect((await add('acme/api')).body.code).toBe('conflict')
  for (const name of ['acme/..', '../api', 'acme', 'acme/a/b', 'acme/api\n'])
    expect((await add(name)).body.code, name).toBe('invalid')
  for (const branch of ['--upload-pack=x', 'a..b', 'refs/heads/../x', '', 'a b', 'HEAD'])
    expect((await add('acme/other', undefined, branch)).body.code, branch).toBe('invalid')
  expect((await acme.admin.get('/api/repositories')).body.repositories).toEqual([
    {
      id: expect.stringMatching(/^repo_/),
      name: 'acme/api',
      url: 'https://git.acme.dev/acme/api.git',
      defaultBranch: 'main',
      atOnce: null,
      agentSettings: 'off',
    },
  ])
})

test('an address and a branch can be put right; the name stays, and the ledger says who changed what', async () => {
  const beta = await workspace('beta')
  const { id } = (
    await beta.admin.post('/api/repositories', { name: 'acme/web', url: 'https://git.acme.dev/acme/wbe.git' })
  ).body
  const change = (body: object, who = beta.admin, repo: string = id) => who.put(`/api/repositories/${repo}`, body)
  const right = {
    id,
    name: 'acme/web',
    url: 'https://git.acme.dev/acme/web.git',
    defaultBranch: 'main',
    atOnce: null,
    agentSettings: 'off',
  }
  expect((await change({ url: 'https://git.acme.dev:443/acme/web.git/' })).body).toEqual(right)
  expect((await change({ defaultBranch: 'trunk' })).body).toEqual({ ...right, defaultBranch: 'trunk' })
  for (const body of [{ url: 'git@git.acme.dev:acme/web.git' }, { defaultBranch: 'a..b' }, { name: 'acme/other' }])
    expect((await change(body)).body.code, JSON.stringify(body)).toBe('invalid')
  expect((await change({ defaultBranch: 'x' }, await beta.person('member'))).body.code).toBe('not_allowed')
  expect((await change({ defaultBranch: 'x' }, acme.admin)).body.code).toBe('not_found')
  expect((await change({ defaultBranch: 'x' }, beta.admin, 'repo_nothing')).body.code).toBe('not_found')
  expect((await beta.admin.get('/api/repositories')).body.repositories).toEqual([{ ...right, defaultBranch: 'trunk' }])
  const { rows } = await inWorkspace(plane.context.db, beta.id, (tx) =>
    tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and type = 'repository.changed' order by position`,
      [tx.workspace],
    ),
  )
  expect(rows.map(({ text }) => JSON.parse(text).data.defaultBranch)).toEqual(['main', 'trunk'])
})

test('an admin alone lets agents load the settings of a repository; another address takes it back', async () => {
  const own = await workspace('settings')
  const url = 'https://git.acme.dev/acme/own.git'
  const { id } = (await own.admin.post('/api/repositories', { name: 'acme/own', url })).body
  const change = (body: object, who = own.admin) => who.put(`/api/repositories/${id}`, body)
  expect((await change({ agentSettings: 'base' }, await own.person('member'))).body.code).toBe('not_allowed')
  expect((await change({ agentSettings: 'head' })).body.code).toBe('invalid')
  expect((await change({ agentSettings: 'base' })).body).toMatchObject({ agentSettings: 'base' })
  expect((await change({ url, atOnce: 2 })).body).toMatchObject({ agentSettings: 'base' })
  expect((await change({ url: 'https://git.acme.dev/acme/new.git' })).body).toMatchObject({ agentSettings: 'off' })
})

test('a repository is removed when no run works in it; its name goes from the lists of runners, in the same breath', async () => {
  const own = await workspace('removing', ['payments'])
  const { db } = plane.context
  const { id } = (await own.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })).body
  const other = (await own.admin.post('/api/repositories', { name: 'acme/web', url: 'file:///srv/web.git' })).body.id
  await pairedRunner(db, own.id)
  const story = await atPlanGate(db, own.id, specFor(own.admin))
  const remove = (repo: string, who = own.admin) => who.call('DELETE', `/api/repositories/${repo}`)
  expect((await remove(id, await own.person('member'))).body.code).toBe('not_allowed')
  expect((await remove(id, acme.admin)).body.code).toBe('not_found')
  expect(await remove(id)).toMatchObject({
    status: 409,
    body: { code: 'repository_in_use', detail: expect.stringContaining('acme/shop is worked in: run 1.') },
  })
  await story.doing({ do: 'cancel', by: { kind: 'system' }, reason: 'enough' })
  expect((await remove(id)).status).toBe(204)
  expect((await remove(id)).body.code).toBe('not_found')
  expect((await own.admin.get('/api/repositories')).body.repositories.map((one: { id: string }) => one.id)).toEqual([
    other,
  ])
  // What is added under the name later is another repository: no runner has leave to use it.
  await own.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/elsewhere.git' })
  expect((await own.admin.get('/api/runners')).body.runners[0].repositories).toEqual([])
  const { rows } = await inWorkspace(db, own.id, (tx) =>
    tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and type in ('repository.removed', 'runner.changed') order by position`,
      [tx.workspace],
    ),
  )
  expect(
    rows.map(({ text }) => JSON.parse(text)).map(({ type, data }) => [type, data.name ?? data.repositories]),
  ).toEqual([
    ['runner.changed', []],
    ['repository.removed', 'acme/shop'],
  ])
})
