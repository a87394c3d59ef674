import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchCommit, openCache, type Cache } from './cache.ts'
import { makeChange } from './make-change.ts'
import { readWorkTree } from './read-work-tree.ts'
import { plainGit, testRemote, writeFiles, type Files, type TestRemote } from './remote.fixture.ts'
import { remoteOf } from './remote-url.ts'
import { cloneForStep } from './step-clone.ts'

const start: Files = {
  'src/price.js': 'export const price = 1\n',
  'src/old.js': 'line 1\nline 2\nline 3\nline 4\n',
  'src/deep/inner.js': 'inner\n',
  'run.sh': '#!/bin/sh\n',
  'crlf.bat': 'echo\r\n',
  '.gitattributes': '*.bat text eol=crlf\n*.js filter=evil diff=evil merge=evil ident\n',
  '.gitignore': 'node_modules/\n*.log\n',
  'kept.log': 'tracked although ignored\n',
  'docs/größe.md': '# Größe\n',
  link: { to: 'src/price.js' },
}
const use = { name: 'acme/shop', access: 'write' as const, write: ['**'] }

let remote: TestRemote
let cache: Cache
let work = ''
let base = ''
beforeEach(async () => {
  remote = await testRemote(start)
  cache = await openCache(path.join(remote.root, 'home'), remoteOf(remote.url))
  base = await fetchCommit(cache, 'main', null)
  work = path.join(remote.root, 'step', 'shop')
  await cloneForStep(cache, work, base, 'refs/heads/vp/try-123abc', null)
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const treeOf = () => readWorkTree(cache.dir, work, base, path.join(remote.root, 'scratch'))
const changeOf = async () =>
  makeChange(cache.dir, use, base, await treeOf(), 'a change', path.join(remote.root, 'scratch'))
const canary = () => path.join(remote.root, 'canary')
const sprung = async () => execFileSync('ls', [remote.root], { encoding: 'utf8' }).includes('canary')

describe('the files an agent left, as a tree', () => {
  it('are the start tree when nothing changed, whatever attributes convert', async () => {
    expect(await treeOf()).toBe(plainGit(remote.dir, 'rev-parse', `${base}^{tree}`))
    expect(plainGit(work, 'status', '--porcelain')).toBe('')
  })

  it('hold uncommitted and committed work alike, modes, renames, links and deletions', async () => {
    await writeFiles(work, {
      'src/price.js': 'export const price = 2\n',
      'src/new.js': 'new\n',
      'node_modules/x/index.js': 'ignored',
      'debug.log': 'ignored',
      'kept.log': 'still tracked\n',
      'img.bin': Buffer.from([0, 1, 2, 255]),
    })
    plainGit(work, 'mv', 'src/old.js', 'src/renamed.js')
    plainGit(work, 'commit', '-q', '-a', '-m', 'agent commit')
    await chmod(path.join(work, 'run.sh'), 0o755)
    await rm(path.join(work, 'link'))
    const made = await changeOf()
    expect(made?.change.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'img.bin', from: null, status: 'added', mode: '100644', added: 0, removed: 0, binary: true },
      { path: 'kept.log', from: null, status: 'modified', mode: '100644', added: 1, removed: 1, binary: false },
      { path: 'link', from: null, status: 'deleted', mode: null, added: 0, removed: 1, binary: false },
      { path: 'run.sh', from: null, status: 'mode', mode: '100755', added: 0, removed: 0, binary: false },
      { path: 'src/new.js', from: null, status: 'added', mode: '100644', added: 1, removed: 0, binary: false },
      { path: 'src/price.js', from: null, status: 'modified', mode: '100644', added: 1, removed: 1, binary: false },
      {
        path: 'src/renamed.js',
        from: 'src/old.js',
        status: 'renamed',
        mode: '100644',
        added: 0,
        removed: 0,
        binary: false,
      },
    ])
    // anybody can check it: the patch applied to the base gives the tree
    plainGit(work, 'checkout', '-q', '-f', base)
    plainGit(work, 'clean', '-q', '-f', '-d')
    await writeFile(path.join(remote.root, 'p.patch'), made?.patch ?? '')
    plainGit(work, '-c', 'core.attributesFile=/dev/null', 'apply', '--index', path.join(remote.root, 'p.patch'))
    expect(plainGit(work, 'write-tree')).toBe(made?.change.tree)
    // the commit is nobody's and stands on the base alone
    expect(plainGit(cache.dir, 'log', '-1', '--format=%P|%an|%ae', made?.change.commit ?? '')).toBe(
      `${base}|Viewport|noreply@viewport.invalid`,
    )
  })

  it('shows the same patch for the same tree whatever attributes the agent adds', async () => {
    await writeFiles(work, { '.gitattributes': '* binary -diff\n', 'src/price.js': 'export const price = 3\n' })
    expect((await changeOf())?.patch.toString()).toContain('+export const price = 3')
  })

  it('a file that became a folder, and a folder that became a file', async () => {
    await rm(path.join(work, 'run.sh'))
    await rm(path.join(work, 'src'), { recursive: true })
    await writeFiles(work, { 'run.sh/inner.sh': 'x\n', src: 'now a file\n' })
    const made = await changeOf()
    expect(plainGit(cache.dir, 'ls-tree', '-r', '--name-only', made?.change.tree ?? '').split('\n')).toEqual([
      '.gitattributes',
      '.gitignore',
      'crlf.bat',
      '"docs/gr\\303\\266\\303\\237e.md"',
      'kept.log',
      'link',
      'run.sh/inner.sh',
      'src',
    ])
  })
})

describe('what an agent planted does nothing (E81, E82, E84, T12)', () => {
  it('hooks, filters, textconv, monitor, helpers and rewritten addresses in its clone', async () => {
    const trap = `touch ${canary()}; cat`
    const config = `[core]\n\thooksPath = .hooks\n\tfsmonitor = "${trap}"\n\tpager = "${trap}"\n\tsshCommand = "${trap}"\n[filter "evil"]\n\tclean = "${trap}"\n\tsmudge = "${trap}"\n\trequired = true\n[diff "evil"]\n\ttextconv = "${trap}"\n\tcommand = "${trap}"\n[url "ext::sh -c 'touch ${canary()}'"]\n\tinsteadOf = file://\n[credential]\n\thelper = "!${trap}"\n[uploadpack]\n\tpackObjectsHook = "${trap}"\n[include]\n\tpath = ${path.join(remote.root, 'included')}\n`
    await writeFile(path.join(work, '.git', 'config'), config)
    for (const hook of [
      'pre-commit',
      'post-checkout',
      'reference-transaction',
      'post-index-change',
      'pre-push',
      'fsmonitor-watchman',
    ]) {
      await writeFiles(work, {
        [`.git/hooks/${hook}`]: { program: `#!/bin/sh\ntouch ${canary()}\n` },
        [`.hooks/${hook}`]: { program: `#!/bin/sh\ntouch ${canary()}\n` },
      })
    }
    await writeFiles(work, { 'src/price.js': 'changed\n', '.git/info/attributes': '* filter=evil diff=evil\n' })
    const made = await changeOf()
    expect(made?.change.files.map((f) => f.path)).toContain('src/price.js')
    expect(await sprung()).toBe(false)
  })

  it('settings written into the cache by a process of the same user are put right', async () => {
    await writeFile(
      path.join(cache.dir, 'config'),
      `[core]\n\tfsmonitor = "touch ${canary()}"\n[filter "evil"]\n\tclean = "touch ${canary()}; cat"\n`,
    )
    await writeFiles(cache.dir, {
      'hooks/reference-transaction': { program: `#!/bin/sh\ntouch ${canary()}\n` },
      'info/attributes': '* filter=evil diff=evil\n',
    })
    cache = await openCache(cache.home, cache.remote)
    await writeFiles(work, { 'src/price.js': 'changed\n' })
    await changeOf()
    expect(await sprung()).toBe(false)
  })

  it('a folder swapped for a link to elsewhere is a deletion, and nothing outside is read (E86)', async () => {
    await mkdir(path.join(remote.root, 'outside'))
    await writeFile(path.join(remote.root, 'outside', 'price.js'), 'private')
    await rm(path.join(work, 'src'), { recursive: true })
    await symlink(path.join(remote.root, 'outside'), path.join(work, 'src'))
    await expect(changeOf()).rejects.toThrow(/"src": it is a link to an absolute path/)
  })

  it('the clone itself swapped for a link to elsewhere is no change, and nothing outside is read (E86)', async () => {
    await writeFiles(remote.root, { 'outside/private.js': 'private' })
    await rm(work, { recursive: true })
    await symlink(path.join(remote.root, 'outside'), work)
    await expect(treeOf()).rejects.toThrow(/change_refused: .*another stands in its place/)
  })

  it('a link in the place of a folder leads nowhere, at any depth, also where .gitignore hides it (E86)', async () => {
    await writeFiles(remote.root, { 'outside/deep/inner.js': 'private', 'outside/price.js': 'private' })
    await rm(path.join(work, 'src'), { recursive: true })
    await symlink(path.join(remote.root, 'outside'), path.join(work, 'src'))
    await writeFiles(work, { '.gitignore': 'src\n' })
    const made = await changeOf()
    expect(made?.change.files.map((f) => `${f.status} ${f.path}`).toSorted()).toEqual([
      'deleted src/deep/inner.js',
      'deleted src/old.js',
      'deleted src/price.js',
      'modified .gitignore',
    ])
    expect(made?.patch.toString()).not.toContain('private')
  })

  it('attributes planted in the cache hide no line of a patch', async () => {
    await writeFiles(cache.dir, { 'info/attributes': '* binary -diff\n' })
    await writeFiles(work, { 'src/price.js': 'changed\n' })
    expect((await changeOf())?.patch.toString()).toContain('+changed')
  })
})

describe('files that may not be in a change', () => {
  it.each<[string, Files, RegExp]>([
    [
      'a link out of the repository',
      { 'docs/out': { to: '../../elsewhere' } },
      /"docs\/out": it is a link out of the repository/,
    ],
    ['a link into .git', { steal: { to: '.git/config' } }, /"steal": it is a link into \.git/],
    [
      'a repository of its own (E83)',
      {
        'vendor/lib/.git/HEAD': 'ref: refs/heads/main\n',
        'vendor/lib/.git/objects/x': '',
        'vendor/lib/.git/refs/x': '',
        'vendor/lib/a.c': '',
      },
      /vendor\/lib\/" is a git repository of its own/,
    ],
    [
      '.gitmodules (E83)',
      { '.gitmodules': '[submodule "x"]\n\turl = ext::sh -c id\n\tpath = x\n' },
      /"\.gitmodules": it would change the submodules/,
    ],
    ['a control character in a name (T13)', { 'a\nb': 'x' }, /"a\\nb": its name holds a hidden character/],
    ['a .git folder in disguise', { 'x/.GiT /config': 'x' }, /would write into \.git|hidden character/],
    ['a short name of .git', { 'x/git~1/config': 'x' }, /would write into \.git|hidden character/],
    ['.git with a letter nobody sees', { 'x/.g\u200cit/config': 'x' }, /would write into \.git|hidden character/],
    [
      'a pointer to a large file (E88)',
      { 'big.psd': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n` },
      /pointer to a large file/,
    ],
    [
      'a secret',
      { 'src/key.js': `const ok = 1\nconst key = 'AKIA${'ABCDEFGH22345672'}'\n` },
      /"src\/key\.js": line 2 looks like a secret \(aws-access-key\)/,
    ],
    ['a file that is too large', { 'big.bin': Buffer.alloc(21 * 1024 * 1024) }, /larger than 20 MB/],
  ])('%s', async (_name, files, words) => {
    await writeFiles(work, files)
    await expect(changeOf()).rejects.toThrow(words)
  })

  it('a pipe in the place of a file', async () => {
    await rm(path.join(work, 'run.sh'))
    execFileSync('mkfifo', [path.join(work, 'run.sh')])
    await expect(changeOf()).rejects.toThrow(/is a device, socket or pipe/)
  })

  it('a file outside of what the workflow lets it write', async () => {
    await writeFiles(work, { 'infra/main.tf': 'x' })
    const tree = await treeOf()
    await expect(makeChange(cache.dir, { ...use, write: ['src/**'] }, base, tree, 'm', remote.root)).rejects.toThrow(
      /infra\/main\.tf/,
    )
    await expect(makeChange(cache.dir, { ...use, access: 'read' }, base, tree, 'm', remote.root)).rejects.toThrow(
      /infra\/main\.tf/,
    )
  })

  it.each(['$(touch x)', '`id`', '; rm -rf ~', '-rf', '--exec=id', "it's", 'a"b', '🙂', 'a b', ' lead', ':(glob)**'])(
    'but a name like %j is only a name (T13)',
    async (name) => {
      await writeFiles(work, { [name]: 'x\n' })
      expect((await changeOf())?.change.files.map((f) => f.path)).toEqual([name])
    },
  )
})
