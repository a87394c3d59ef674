import { expect, test } from 'vitest'
import fc from 'fast-check'
import { codeownersOf, ownersOf } from './codeowners.ts'

const text = `# who owns what
*                 @acme/everyone
*.js              @js-owner # inline
/build/logs/      @doctocat
docs/*            docs@example.com
apps/             @octocat
/scripts/ @a @b
/apps/github
**/logs           @logs
/space\\ name/     @space
!/no @never
[Section] @gitlab
src/[ab].ts @range
bad line owner
`

test.each<[string, string[], number | null]>([
  ['README.md', ['@acme/everyone'], 2],
  ['a/b.js', ['@js-owner'], 3],
  ['build/logs/x.txt', ['@logs'], 9], // the last rule wins
  ['docs/getting-started.md', ['docs@example.com'], 5],
  ['docs/build-app/troubleshooting.md', ['@acme/everyone'], 2], // docs/* owns direct children only
  ['x/apps/a', ['@octocat'], 6],
  ['scripts/a', ['@a', '@b'], 7],
  ['x/scripts/a', ['@acme/everyone'], 2],
  ['apps/github', [], 8], // named without an owner: nobody
  ['apps/github/x', [], 8],
  ['deep/logs/x', ['@logs'], 9],
  ['space name/x', ['@space'], 10],
  ['src/a.ts', ['@acme/everyone'], 2],
])('%s', (path, owners, line) => expect(codeownersOf(text, [path])).toEqual([{ path, owners, line }]))

test('owners of several paths, each once; none without a file', () => {
  expect(ownersOf(text, ['a.js', 'b.js', 'scripts/x'])).toEqual(['@js-owner', '@a', '@b'])
  expect(codeownersOf('', ['a'])).toEqual([{ path: 'a', owners: [], line: null }])
})

test('no text crashes it', () =>
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string(),
      (any, path) => void codeownersOf(any, [path]),
    ),
    { numRuns: 2_000 },
  ))
