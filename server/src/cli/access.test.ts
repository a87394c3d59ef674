// Can tokens be made, seen and revoked, accounts be linked, and a repository be put right with `viewport` alone?
import { beforeAll, expect, test } from 'vitest'
import { inWorkspace } from '../database/tenant.ts'
import { viewportOf, type Ended } from '../../test/cli.ts'
import { testPlane, type TestWorkspace } from '../../test/plane.ts'

const at = await testPlane()

let acme: TestWorkspace
let viewport: (...words: string[]) => Promise<Ended>
beforeAll(async () => {
  acme = await at.workspace('acme')
  viewport = await viewportOf(acme.admin)
})

test('a token is made, listed and revoked by its name', async () => {
  const made = (await viewport('token', 'ci', '--days', '2')).out.trim()
  expect(made).toMatch(/^vpt_/)
  const me = async (): Promise<number> =>
    (await fetch(`${at.url}/api/me`, { headers: { authorization: `Bearer ${made}` } })).status
  expect(await me()).toBe(200)
  const { out } = await viewport('token', 'list')
  expect(out).toMatch(/ci +until \d{4}-\d\d-\d\d +used /)
  expect(out).not.toContain(made)
  expect(await viewport('token', 'revoke', 'nothing')).toMatchObject({ code: 2 })
  expect(await viewport('token', 'revoke', 'ci')).toMatchObject({ code: 0, out: 'The token ci works no more.\n' })
  expect(await me()).toBe(401)
  expect((await viewport('token', 'list')).out).not.toMatch(/\bci\b/)
}, 60_000)

test('an account is linked to one person', async () => {
  const kim = await acme.person('kim')
  await acme.person('lee')
  expect((await viewport('people', 'link', '@kim', 'tracker:42', '--name', 'Kim')).out).toContain('tracker:42')
  expect((await viewport('people', 'link', '@lee', 'tracker:42')).err).toContain('linked to somebody else')
  // Called otherwise there by now: the name follows.
  expect(await viewport('people', 'link', '@kim', 'tracker:42', '--name', 'Kim Lund')).toMatchObject({ code: 0 })
  const { rows } = await inWorkspace(at.plane.context.db, acme.id, (tx) =>
    tx.query('select person, account, name from vp.person_accounts where workspace = $1', [tx.workspace]),
  )
  expect(rows).toEqual([{ person: kim.id, account: 'tracker:42', name: 'Kim Lund' }])
}, 60_000)

test('a repository with a typo is put right', async () => {
  expect(await viewport('repositories', 'add', 'acme/api', 'https://git.acme.dev/acme/aip.git')).toMatchObject({
    code: 0,
  })
  const fixed = await viewport('repositories', 'change', 'acme/api', '--url', 'https://git.acme.dev/acme/api.git')
  expect(fixed).toMatchObject({ code: 0, out: expect.stringContaining('main of https://git.acme.dev/acme/api.git') })
  expect((await viewport('repositories', 'change', 'acme/other', '--branch', 'x')).err).toContain(
    'viewport repositories',
  )
  expect((await viewport('repositories')).out).toMatch(/^acme\/api +main +https:\/\/git\.acme\.dev\/acme\/api\.git\n$/)
}, 60_000)

test('a change that says nothing is told so, and is no fact', async () => {
  expect(await viewport('people', 'change', `@${acme.admin.handle}`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('Say what changes'),
  })
}, 60_000)
