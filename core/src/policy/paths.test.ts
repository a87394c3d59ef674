import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { defaults } from '../workflow/defaults.ts'
import { nameRefusal, protectedPaths, refusedPaths } from './paths.ts'

const file = (path: string, more: { from?: string; mode?: string } = {}) => ({
  path,
  from: more.from ?? null,
  mode: more.mode ?? '100644',
})
const open = { access: 'write' as const, write: ['**'] }

describe('protected paths', () => {
  test.each([
    '.github/workflows/ci.yml',
    'CODEOWNERS',
    'docs/CODEOWNERS',
    '.github/CODEOWNERS',
    '.viewport/checks.yaml',
    'AGENTS.md',
    'pkg/a/AGENTS.md',
    'CLAUDE.md',
    '.mcp.json',
    '.claude/settings.json',
    'sub/.claude/hooks/x',
    '.codex/config.toml',
    '.vscode/tasks.json',
    '.envrc',
    '.npmrc',
    'package.json',
    'web/package.json',
    '.gitattributes',
    '.gitmodules',
    '.husky/pre-commit',
    // spelled so that a forgiving file system folds them
    '.GitHub/workflows/ci.yml',
    'agents.MD',
    'Codeowners',
    '.CLAUDE/settings.json',
    'Package.JSON',
    'ＡＧＥＮＴＳ.md',
    '.git\u200chub/workflows/x.yml',
  ])('%s', (path) => expect(protectedPaths([file(path)], { protect: [] })).toHaveLength(1))

  test.each(['src/a.ts', 'docs/agents.txt', 'github/x', 'src/package.jsonx', 'claude.md.txt', 'x.github/a'])(
    '%s is not',
    (path) => expect(protectedPaths([file(path)], { protect: [] })).toEqual([]),
  )

  test("the workflow's own globs come first, and a rename out of a protected path counts", () =>
    expect(
      protectedPaths([file('infra/a.tf'), file('src/x.ts', { from: '.github/x' }), file('src/y.ts')], {
        protect: [...defaults.protect, 'infra/**'],
      }),
    ).toEqual([
      { path: 'infra/a.tf', rule: 'infra/**' },
      { path: '.github/x', rule: '.github/**' },
    ]))

  test('no workflow can take the protection away', () =>
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 4 }),
        (protect) =>
          void expect(protectedPaths([file('.viewport/a')], { protect })).toMatchObject([{ path: '.viewport/a' }]),
      ),
    ))
})

describe('refused paths', () => {
  test.each<[string, ReturnType<typeof file>, typeof open | { access: 'read' | 'write'; write: string[] }, RegExp]>([
    ['outside the write globs', file('infra/a'), { access: 'write', write: ['src/**'] }, /does not let infra\/a/],
    ['renamed from outside', file('src/a', { from: 'infra/a' }), { access: 'write', write: ['src/**'] }, /infra\/a/],
    ['a repository that is only read', file('src/a'), { access: 'read', write: [] }, /only be read/],
    ['a symlink', file('src/a', { mode: '120000' }), open, /symbolic link/],
    ['a submodule', file('lib', { mode: '160000' }), open, /submodule/],
    ['an odd mode', file('src/a', { mode: '100600' }), open, /mode 100600/],
    ['an absolute path', file('/etc/passwd'), open, /relative/],
    ['a climb', file('a/../../b'), open, /\.\./],
    ['git itself', file('.git/config'), open, /\.git/],
    ['git in capitals', file('x/.GIT/hooks/post-commit'), open, /\.git/],
    ['git by its short name', file('GIT~1/config'), open, /\.git/],
    ['git with a stream', file('.git::$INDEX_ALLOCATION/config'), open, /\.git/],
    ['git with an ignorable character', file('.g\u200cit/config'), open, /hidden/],
    ['a right-to-left name', file('src/\u202egpj.ts'), open, /U\+202E/],
    ['a line break', file('src/a\nb'), open, /line break/],
    ['a backslash', file('src\\a'), open, /relative/],
    ['a trailing dot', file('src/a.'), open, /ends with/],
    ['a drive', file('C:/a'), open, /relative/],
    ['half a character', file('a\ud800'), open, /half/],
  ])('%s', (_what, held, repo, why) =>
    expect(refusedPaths([held], repo)).toEqual([{ path: held.path, why: expect.stringMatching(why) }]),
  )

  test('plain files pass, deleted ones too; twins by case do not', () => {
    expect(
      refusedPaths(
        [
          file('src/a.ts'),
          file('src/b.ts', { mode: '100755' }),
          { path: 'x', from: null, mode: null },
          file('ünï/日本.ts'),
        ],
        open,
      ),
    ).toEqual([])
    expect(refusedPaths([file('src/A.ts'), file('src/a.ts')], open)).toEqual([
      { path: 'src/a.ts', why: 'it differs from src/A.ts by case or form only' },
    ])
  })

  test('a name that passes has no part that leaves the repository', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('..', '.', '.git', '', 'a', 'b ', 'C:', '.GIT', '/', '\\', '\u202e'),
            fc.string({ maxLength: 4 }),
          ),
          { maxLength: 5 },
        ),
        (parts) => {
          const path = parts.join('/')
          if (nameRefusal(path) !== null) return
          expect(path.startsWith('/') || path.includes('\\')).toBe(false)
          for (const part of path.split('/')) expect(['', '.', '..', '.git']).not.toContain(part.toLowerCase())
        },
      ),
      { numRuns: 3_000 },
    )
  })
})
