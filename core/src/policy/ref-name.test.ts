import { expect, test } from 'vitest'
import fc from 'fast-check'
import { branchFor, refRefusal } from './ref-name.ts'

test.each([
  ['Fix double-charge on checkout retry', 'refs/heads/vp/fix-double-charge-on-checkout-retry-3f9c52'],
  ['Ünïcode Straße', 'refs/heads/vp/unicode-stra-e-3f9c52'],
  ['', 'refs/heads/vp/run-3f9c52'],
  ['-x --upload-pack=evil', 'refs/heads/vp/x-upload-pack-evil-3f9c52'],
  ['../../heads/main', 'refs/heads/vp/heads-main-3f9c52'],
  ['$(rm -rf /); `id` | x\n\0@{u}', 'refs/heads/vp/rm-rf-id-x-u-3f9c52'],
  ['\u202eniam', 'refs/heads/vp/niam-3f9c52'],
  ['日本語', 'refs/heads/vp/run-3f9c52'],
  ['a'.repeat(500), `refs/heads/vp/${'a'.repeat(40)}-3f9c52`],
  ['Fixes SEC-12, pay 7', 'refs/heads/vp/fixes-sec_12-pay_7-3f9c52'],
  ['main.lock', 'refs/heads/vp/main-lock-3f9c52'],
])('%j becomes %s', (title, ref) => {
  expect(branchFor(title, '3f9c52')).toBe(ref)
  expect(refRefusal(ref)).toBeNull()
})

test('any title at all gives a ref that may be written', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (title) => void expect(refRefusal(branchFor(title, '00ff00'))).toBeNull(),
    ),
    { numRuns: 2_000 },
  )
  expect(() => branchFor('x', 'zzz')).toThrow(RangeError)
})

test.each([
  'refs/heads/main',
  'main',
  'refs/tags/v1',
  'refs/notes/commits',
  'refs/replace/x',
  'refs/pull/1/head',
  'refs/heads/vp',
  'refs/heads/vp/',
  'refs/heads/vp/-x',
  'refs/heads/vp/a..b',
  'refs/heads/vp/a\nb',
  'refs/heads/vp/a\0',
  'refs/heads/vp/@{u}',
  'refs/heads/vp/\u202ex',
  'refs/heads/vp/A',
  'refs/heads/VP/a',
  'refs/heads/vp/a.lock',
  'refs/heads/vp/.a',
  'refs/heads/vp/a.',
  'refs/heads/vp/a//b',
  'refs/heads/vp/mаin',
  `refs/heads/vp/${'a'.repeat(300)}`,
  'refs/heads/vp/a b',
  'refs/heads/vp/a~1',
  'refs/heads/vp/a:b',
  '+refs/heads/vp/a',
  'refs/heads/vp/a*',
  '',
  'HEAD',
])('a run may not write %j', (ref) => expect(refRefusal(ref)).not.toBeNull())

test.each(['main', 'release/2.x', 'feature/ABC-1', 'user@host', 'a+b', 'x#1'])('%s can be a base', (name) =>
  expect(refRefusal(`refs/heads/${name}`, { ours: false })).toBeNull(),
)
test.each(['HEAD', '@', '-x', 'a..b', 'a/-b', 'mаin', 'a b', '0123456789012345678901234567890123456789', 'x.lock', ''])(
  '%j cannot be a base',
  (name) => expect(refRefusal(`refs/heads/${name}`, { ours: false })).not.toBeNull(),
)
