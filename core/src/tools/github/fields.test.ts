import { expect, test } from 'vitest'
import { accountsAt, isRepoName } from './fields.ts'
import { webHostOf } from './rest.ts'

test.each([
  ['acme/shop', true],
  ['acme/.github', true],
  ['acme/a..b', true],
  ['acme/..', false],
  ['acme/.', false],
  ['../shop', false],
  ['acme/shop/x', false],
  ['acme/', false],
])('%s is the name of a repository: %s', (name, is) => expect(isRepoName(name)).toBe(is))

test.each([
  ['https://api.github.com', 'github.com', null],
  ['https://ghe.acme.dev/api/v3', 'ghe.acme.dev', 'ghe.acme.dev'],
  ['https://api.acme.ghe.com/', 'acme.ghe.com', 'acme.ghe.com'],
  ['https://api.acme.dev/api/v3', 'api.acme.dev', 'api.acme.dev'],
])('at %s repositories are at %s', (base, host, accounts) =>
  expect([webHostOf({ base }), accountsAt({ settings: { base } })]).toEqual([host, accounts]),
)
