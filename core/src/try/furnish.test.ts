import { expect, test } from 'vitest'
import { nameOfAddress } from './furnish.ts'

test.each([
  ['https://git.acme.dev/acme/api.git', 'acme/api'],
  ['https://git.acme.dev/group/sub/api', 'sub/api'],
  ['https://git.acme.dev/api', 'local/api'],
  ['https://git.acme.dev/acme/ä%20ö.git', 'acme/20-'],
  ['file:///home/jess/code/shop', 'local/shop'],
  ['file:///srv/git/shop.git', 'local/shop'],
  ['file:///srv/.hidden', 'local/hidden'],
  ['file:///', 'local/repository'],
])('%s is called %s', (url, name) => {
  expect(nameOfAddress(url)).toBe(name)
  expect(name).toMatch(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/)
})
