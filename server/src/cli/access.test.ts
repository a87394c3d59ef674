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
  // No event can name an account that no tool and no source tells of, so it is not taken without a word.
  const none = await viewport('people', 'link', '@kim', 'tracker:42')
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('viewport sources add NAME --account tracker:')])
  const [other] = (await viewport('sources', 'add', 'Bug tracker')).out.trim().split('\n')
  const quiet = await viewport('people', 'link', '@kim', 'tracker:42')
  expect([quiet.code, quiet.err]).toEqual([1, expect.stringContaining('Sources here: "Bug tracker".')])
  await viewport('sources', 'change', other!.split('/').at(-1)!, '--account', 'tracker:')
  expect((await viewport('people', 'link', '@kim', 'tracker:42', '--name', 'Kim')).out).toContain('tracker:42')
  expect((await viewport('people', 'link', '@lee', 'tracker:42')).err).toContain('is linked to @kim')
  for (const [account, next] of [
    ['github:dana', 'https://api.github.com/users/LOGIN'],
    ['slack:U024BE7LH', 'slack:T024BE7LD/U024BE7LH'],
    ['gitub:5', 'Was github:5 meant?'],
  ] as const) {
    const refused = await viewport('people', 'link', '@kim', account)
    expect(refused.code).not.toBe(0)
    expect(refused.err).toContain(`No event can name the account ${account}`)
    expect(refused.err).toContain(next)
  }
  // Called otherwise there by now: the name follows.
  expect(await viewport('people', 'link', '@kim', 'tracker:42', '--name', 'Kim Lund')).toMatchObject({ code: 0 })
  const { rows } = await inWorkspace(at.plane.context.db, acme.id, (tx) =>
    tx.query('select person, account, name from vp.person_accounts where workspace = $1', [tx.workspace]),
  )
  expect(rows).toEqual([{ person: kim.id, account: 'tracker:42', name: 'Kim Lund' }])
  // Wrong after all: it is taken back, and somebody else's.
  expect((await viewport('people', 'accounts')).out).toBe('@kim  tracker:42  Kim Lund\n')
  expect((await viewport('people', 'unlink', '@lee', 'tracker:42')).err).toContain(
    'no account of that person tracker:42',
  )
  expect(await viewport('people', 'unlink', '@kim', 'tracker:42')).toMatchObject({ code: 0 })
  expect((await viewport('people', 'link', '@lee', 'tracker:42')).out).toContain('@lee')
  const facts = await inWorkspace(at.plane.context.db, acme.id, (tx) =>
    tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and type in ('account.linked', 'account.unlinked') order by position`,
      [tx.workspace],
    ),
  )
  expect(
    facts.rows.map(({ text }) => JSON.parse(text)).map(({ type, data }) => [type, data.person === kim.id]),
  ).toEqual([
    ['account.linked', true],
    ['account.linked', true],
    ['account.unlinked', true],
    ['account.linked', false],
  ])
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
