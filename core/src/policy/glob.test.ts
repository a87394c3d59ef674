import { expect, test } from 'vitest'
import fc from 'fast-check'
import { globFits, globRefusal, nameFits } from './glob.ts'
import { protectedPaths, refusedPaths } from './paths.ts'

test.each([
  ['**', 'a/b/c', true],
  ['**', 'a', true],
  ['src/**', 'src/a/b.ts', true],
  ['src/**', 'src', true],
  ['src/**', 'srcx/a', false],
  ['**/CODEOWNERS', 'CODEOWNERS', true],
  ['**/CODEOWNERS', 'docs/CODEOWNERS', true],
  ['**/CODEOWNERS', 'docs/XCODEOWNERS', false],
  ['*.ts', 'a.ts', true],
  ['*.ts', 'src/a.ts', false],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*/x', 'src/a/b/x', false],
  ['src/**/x', 'src/a/b/x', true],
  ['src/**/x', 'src/x', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['docs/**/*.md', 'docs/a/b/c.md', true],
  ['docs/**/*.md', 'docs/c.md', true],
  ['.github/**', '.github/workflows/ci.yml', true],
  ['**/a/**/b', 'x/a/y/a/z/b', true],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'axxbyy', false],
  ['', '', true],
])('%s on %s: %s', (pattern, path, fits) => expect(globFits(pattern, path)).toBe(fits))

test.each(['/etc/passwd', '../x', 'a/../b', 'a//b', 'a\\b', '!a', '{a,b}', '[ab]', '', './a'])(
  '%s is refused',
  (pattern) => expect(globRefusal(pattern)).not.toBeNull(),
)

test('agrees with a plain regular expression, and stays fast on hostile patterns', () => {
  const part = fc.stringMatching(/^[ab*?]{1,4}$/).filter((s) => s !== '**' && !s.includes('**'))
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 }),
      fc.array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 4 }),
      (parts, names) => {
        const source = parts
          .map((p) => (p === '**' ? '(?:[^/]+/)*' : `${p.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`))
          .join('')
        const path = names.join('/')
        expect(globFits(parts.join('/'), path)).toBe(new RegExp(`^${source}$`).test(`${path}/`))
      },
    ),
    { numRuns: 3_000 },
  )
})

test('pieces of every length agree with a plain regular expression, also beyond one word of bits and beyond the basic plane', () => {
  const char = fc.constantFrom('a', 'b', '😀')
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 8, arbitrary: char }, fc.constantFrom('?', '*')), { maxLength: 80 }),
      fc.array(char, { maxLength: 120 }),
      (pattern, name) => {
        const source = pattern.map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one)).join('')
        expect(nameFits(pattern.join(''), name.join(''))).toBe(new RegExp(`^${source}$`, 'u').test(name.join('')))
      },
    ),
    { numRuns: 2_000 },
  )
  const long = 'ab?'.repeat(30)
  expect(nameFits(`*${long}*`, `x${'aba'.repeat(40)}`)).toBe(true)
  expect(nameFits(`*${long}c*`, `x${'aba'.repeat(40)}`)).toBe(false)
})

// Each took seconds to hours when every place of the text was compared with the whole pattern; the limit is the one of every test.
test('a hostile pattern costs no more than reading the text', () => {
  const text = 'a'.repeat(20_000)
  for (let times = 0; times < 100; times++) {
    expect(nameFits(`*${'?'.repeat(490)}b`, text)).toBe(false)
    expect(nameFits(`*${'a'.repeat(490)}b*`, text)).toBe(false)
    expect(nameFits(`*${'a?'.repeat(245)}b*`, text)).toBe(false)
  }
  expect(globFits(`${'*a'.repeat(100)}b`, 'a'.repeat(5_000))).toBe(false)
  expect(globFits(`${'**/a/'.repeat(50)}b`, Array(2_000).fill('a').join('/'))).toBe(false)
  // 45 of these in one workflow kept everybody waiting for half a minute.
  for (let times = 0; times < 200; times++)
    expect(globFits(`**/${'?/'.repeat(240)}y*${times}/*`, 'x/'.repeat(9_990))).toBe(false)
})

test('a change of many files in deep folders is held against the rules of a workflow in no time', () => {
  const files = Array.from({ length: 10_000 }, (_, n) => ({
    path: `${'a/'.repeat(495)}f${n}`,
    from: null,
    mode: '100644',
  }))
  const began = performance.now()
  expect(protectedPaths(files, { protect: ['**/*.sql', 'infra/**', '**/migrations/**'] })).toEqual([])
  expect(refusedPaths(files, { access: 'write', write: ['**/x/**', '**'] })).toEqual([])
  expect(performance.now() - began).toBeLessThan(20_000)
})

test.each([
  ['**/**/a', 'b/c/a', true],
  ['**/*a', 'b/ca', true],
  ['**/*a', 'b/ca/d', false],
  ['**/*/b', 'b', false],
  ['**/*/b', 'a/b', true],
  ['**/a*/**', 'x/ab', true],
  ['**/a*/**', 'x/ba', false],
  ['a**b/c', 'axb/c', true],
  ['a**b/c', 'a/b/c', false],
  ['**/ab', 'x/xab', false],
  ['**/😀?', 'a/😀😀', true],
  ['**/?', 'a//', false],
  ['**/?', 'a//b', true],
  ['*', '', true],
  ['a/*', 'a/', true],
  [`**/${'a'.repeat(31)}/${'b'.repeat(40)}`, `c/${'a'.repeat(31)}/${'b'.repeat(40)}`, true],
  [`**/${'a'.repeat(31)}/${'b'.repeat(40)}`, `c/${'a'.repeat(31)}/${'b'.repeat(41)}`, false],
])('%s on %s: %s, where stars meet', (pattern, path, fits) => expect(globFits(pattern, path)).toBe(fits))
