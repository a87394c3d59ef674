import { expect, test } from 'vitest'
import fc from 'fast-check'
import { globFits, globRefusal } from './glob.ts'

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
  const started = performance.now()
  expect(globFits(`${'*a'.repeat(100)}b`, 'a'.repeat(5_000))).toBe(false)
  expect(globFits(`${'**/a/'.repeat(50)}b`, Array(2_000).fill('a').join('/'))).toBe(false)
  expect(performance.now() - started).toBeLessThan(20_000)
})
