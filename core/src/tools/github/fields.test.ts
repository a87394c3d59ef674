import { expect, test } from 'vitest'
import { isRepoName } from './fields.ts'

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
