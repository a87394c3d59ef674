import { expect, test } from 'vitest'
import { meantAddress } from './address.ts'

test.each([
  ['https://git.acme.dev/acme/api.git', 'https://git.acme.dev/acme/api.git'],
  [' git.acme.dev/acme/api ', 'https://git.acme.dev/acme/api'],
  ['git@github.com:acme/api.git', 'https://github.com/acme/api.git'],
  ['ssh://git@github.com/acme/api', 'https://github.com/acme/api'],
  ['/home/jess/shop/', 'file:///home/jess/shop'],
  ['file:///srv/shop.git', 'file:///srv/shop.git'],
])('%s means %s', (typed, url) => expect(meantAddress(typed)).toEqual({ url, why: null }))

test.each([
  '~/shop',
  './shop',
  '../shop',
  'http://git.acme.dev/a/b',
  'ftp://x/y',
  'C:\\code\\shop',
  '/home/jess/my shop',
])('%s is not taken, and told why', (typed) =>
  expect(meantAddress(typed)).toEqual({ url: null, why: expect.stringMatching(/./) }),
)

test.each(['', '  ', 'ht', 'acme', 'acme/api'])('%j says nothing yet', (typed) =>
  expect(meantAddress(typed)).toEqual({ url: null, why: null }),
)
