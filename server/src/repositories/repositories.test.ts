import { expect, test } from 'vitest'
import { isRefusal } from '@viewportai/core/refusal'
import { testPlane } from '../../test/plane.ts'
import { repositoryAddress } from './address.ts'

const { workspace } = await testPlane()
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
    },
  ])
})
