/** Looking at a repository when the control plane asks: real git, hostile repositories, grants that do not fit, and an answer whatever happens. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LookFailure, LookReport } from '@viewportai/core/wire/look'
import type { Found } from '@viewportai/core/try/looked'
import { readLeft } from '../egress/ledger.ts'
import { plainGit, testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { openBench, type Bench } from '../testing/bench.ts'

let remote: TestRemote
let bench: Bench
beforeAll(async () => {
  remote = await testRemote({ 'package.json': '{"scripts":{"test":"node --test"}}', 'src/a.js': 'a\n' })
})
afterAll(() => rm(remote.root, { recursive: true, force: true }))
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 20 })
})
afterEach(() => bench.end())

const idle = async (): Promise<void> => {}
/** The last word about a look. */
const ended = async (look: string): Promise<Exclude<LookReport, { state: 'looking' }>> => {
  const last = await bench.plane.until(() => {
    const one = bench.plane.looks.get(look)?.at(-1)
    return one && one.state !== 'looking' ? one : null
  })
  return last
}
const found = async (url: string, branch: string | null = null): Promise<Found> => {
  const end = await ended(await bench.plane.look({ url, branch }))
  if (end.state === 'failed') throw new Error(`${end.failure.code}: ${end.failure.summary}`)
  return end.found
}
const failure = async (...asked: Parameters<Bench['plane']['look']>): Promise<LookFailure> => {
  const end = await ended(await bench.plane.look(...asked))
  if (end.state === 'looked') throw new Error('it looked')
  return end.failure
}

test('agents, wall, checks and branches are told; that it began is told before the order is acknowledged', async () => {
  const { ground, said } = await bench.run(idle)
  await remote.commit({ 'src/b.js': 'b\n' }, 'other')
  const look = await bench.plane.look({ url: remote.url })
  const end = await ended(look)
  expect(end).toMatchObject({
    state: 'looked',
    found: {
      agents: [{ name: 'sample', model: { way: 'own' }, estimate: null }],
      isolation: { level: 'none' },
      network: { agents: [], checks: [] },
      checks: { commands: ['npm test'], from: 'package.json', registries: [] },
      repository: {
        branch: 'main',
        commit: remote.tip('main'),
        branches: ['main', 'other'],
        branchCount: 2,
        submodules: [],
        submoduleCount: 0,
      },
    },
  })
  const steps = bench.plane.looks.get(look)!.map((one) => (one.state === 'looking' ? one.now : one.state))
  expect(steps[0]).toBe('begun')
  expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(/^fetching main/), 'looked']))
  const paths = bench.plane.seen.map((one) => one.path)
  await bench.plane.until(() => bench.plane.ordersDone.includes(`ord_${look}`))
  expect(paths.indexOf(`/wire/looks/${look}`)).toBeGreaterThan(-1)
  expect(said).toContainEqual(expect.stringMatching(/looks at file:.*as the control plane asked/))
  const left = await readLeft(ground.folder, null)
  expect(left.find(({ what }) => what === 'look looked')?.fields.map(({ field }) => field)).toContain(
    'found.checks.commands[]',
  )
})

test('another branch is looked at by its name, with its own checks', async () => {
  await bench.run(idle)
  const files = { '.viewport/checks.yaml': '- make proof\n', '.npmrc': 'registry=https://npm.acme.example/\n' }
  await remote.commit(files, 'proven')
  const { checks, repository } = await found(remote.url, 'proven')
  expect(checks).toEqual({
    commands: ['make proof'],
    from: '.viewport/checks.yaml',
    registries: ['npm.acme.example'],
  })
  expect(repository.branches[0]).toBe('proven')
})

test('looks wait for one another, and one that nobody waits for is left', async () => {
  await bench.run(idle)
  const looks = await Promise.all([1, 2, 3].map(() => bench.plane.look({ url: remote.url })))
  for (const look of looks) expect((await ended(look)).state).toBe('looked')
  const gone = await bench.plane.look({ url: remote.url })
  bench.plane.looks.delete(gone)
  await bench.plane.until(() => bench.plane.ordersDone.includes(`ord_${gone}`))
  expect((await found(remote.url)).repository.branch).toBe('main')
})

describe('what the machine does not allow', () => {
  test('a repository that the policy does not name: its rule is told, and nothing is asked of the remote', async () => {
    await bench.run(idle, { policy: 'repositories: [git.acme.example/acme/*]\n' })
    expect(await failure({ url: 'https://127.0.0.1:1/other/api' })).toMatchObject({
      code: 'runner_refused',
      summary: expect.stringMatching(/127\.0\.0\.1:1\/other\/api.*repositories does not name it/),
    })
  })

  test.each([
    ['another look', { look: 'look_other' }],
    ['another runner', { runner: 'rnr_other' }],
    ['another address', { url: 'https://git.acme.example/a/b' }],
    ['another branch', { branch: 'other' }],
    ['a time that is over', { exp: 1_000 }],
  ])('a grant for %s', async (_, claims) => {
    await bench.run(idle)
    expect(await failure({ url: remote.url }, claims)).toMatchObject({ code: 'grant_invalid' })
  })

  test('a grant that nobody signed, and one that is used a second time', async () => {
    await bench.run(idle)
    expect(await failure({ url: remote.url, grant: 'x.y.z' })).toMatchObject({ code: 'grant_invalid' })
    const look = await bench.plane.look({ url: remote.url })
    expect((await ended(look)).state).toBe('looked')
    bench.plane.looks.set(look, [])
    bench.plane.order({ ...bench.plane.given.find(({ id }) => id === `ord_${look}`)!, id: 'ord_again' })
    expect(await ended(look)).toMatchObject({ state: 'failed', failure: { code: 'grant_used' } })
  })

  test('short texts stay on the machine where the owner says so', async () => {
    await bench.run(idle, { policy: 'leaves: { excerpts: false }\n' })
    expect(await failure({ url: `${remote.url}-none` })).toEqual({
      code: 'remote_unreachable',
      summary: '(kept on the runner)',
      check: '(kept on the runner)',
    })
  })
})

describe('repositories that are not as they should be', () => {
  const make = (name: string, ...words: string[]): { url: string; folder: string } => {
    const folder = path.join(remote.root, name)
    mkdirSync(folder, { recursive: true })
    plainGit(folder, 'init', '-q', '-b', 'main', ...words)
    return { folder, url: `file://${folder}` }
  }
  const filled = (name: string): { url: string; folder: string } => {
    const made = make(name)
    writeFileSync(path.join(made.folder, 'a.txt'), 'a\n')
    plainGit(made.folder, 'add', '-A')
    plainGit(made.folder, 'commit', '-q', '-m', 'first')
    return made
  }

  test.each([
    ['not there', () => `file://${remote.root}/missing`, 'remote_unreachable', /no git repository at/],
    ['a folder without one', () => `file://${path.join(remote.root)}`, 'remote_unreachable', /no git repository/],
    ['without a commit', () => make('empty').url, 'no_commit', /no branch with a commit yet/],
    [
      'detached',
      () => {
        const { folder, url } = filled('detached')
        plainGit(folder, 'checkout', '-q', '--detach')
        return url
      },
      'head_detached',
      /on no branch.*/,
    ],
    [
      'a default branch that is not there',
      () => {
        const { folder, url } = filled('weird')
        plainGit(folder, 'symbolic-ref', 'HEAD', 'refs/heads/gone')
        return url
      },
      'ref_missing',
      /default/,
    ],
    ['another kind of ids', () => make('sha256', '--object-format=sha256').url, 'no_commit', /no branch/],
    ['ssh', () => 'ssh://git@github.com/acme/api', 'url_refused', /only https/],
    ['a password in it', () => 'https://me:pw@127.0.0.1/acme/api', 'runner_refused', /user name/],
    ['nobody there', () => 'https://127.0.0.1:1/acme/api', 'remote_unreachable', /could not be read/],
  ])('%s', async (_, url, code, words) => {
    await bench.run(idle)
    expect(await failure({ url: url() })).toMatchObject({ code, summary: expect.stringMatching(words) })
  })

  test('a branch that is not there is told with those that are', async () => {
    await bench.run(idle)
    expect(await failure({ url: remote.url, branch: 'nowhere' })).toMatchObject({
      code: 'ref_missing',
      check: expect.stringMatching(/It has main/),
    })
    expect(await failure({ url: remote.url, branch: '--upload-pack=touch /tmp/x' })).toMatchObject({
      code: 'ref_missing',
    })
  })

  test('hooks, monitors, filters and helpers of it never run, and nothing is written into it', async () => {
    const { folder, url } = filled('hostile')
    const mark = path.join(remote.root, 'ran')
    const run = `touch ${mark}`
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-auto-gc', 'post-index-change', 'upload-pack'])
      writeFileSync(path.join(folder, '.git/hooks', hook), `#!/bin/sh\n${run}\n`, { mode: 0o755 })
    for (const [key, value] of [
      ['core.fsmonitor', run],
      ['core.sshCommand', run],
      ['core.gitProxy', run],
      ['credential.helper', `!${run}`],
      ['filter.x.smudge', run],
      ['filter.x.clean', run],
      ['uploadpack.packObjectsHook', run],
      ['core.alternateRefsCommand', run],
      ['core.pager', run],
      ['alias.ls-remote', `!${run}`],
    ] as const)
      plainGit(folder, 'config', key, value)
    writeFileSync(path.join(folder, '.gitattributes'), '* filter=x diff=x\n')
    const config = path.join(folder, '.git/config')
    const good = readFileSync(config)
    writeFileSync(config, `${good}[include]\n\tpath = /etc/passwd\n`)
    const before = everything(folder)
    await bench.run(idle)
    const end = await ended(await bench.plane.look({ url }))
    expect(readdirSync(remote.root)).not.toContain('ran')
    expect(everything(folder)).toEqual(before)
    expect(end.state).toBe('failed') // what it includes is no config
    writeFileSync(config, good)
    const again = everything(folder)
    expect((await found(url)).repository.branch).toBe('main')
    expect(readdirSync(remote.root)).not.toContain('ran')
    expect(everything(folder)).toEqual(again)
  })

  test('links out of it are not followed, and a file that is too large is not read', async () => {
    const { folder, url } = filled('links')
    symlinkSync('/etc/passwd', path.join(folder, 'package.json'))
    symlinkSync('/etc', path.join(folder, '.viewport'))
    writeFileSync(path.join(folder, 'Makefile'), 'test:\n\ttrue\n')
    plainGit(folder, 'add', '-A')
    plainGit(folder, 'commit', '-q', '-m', 'links')
    await bench.run(idle)
    expect((await found(url)).checks).toEqual({
      commands: ['make test'],
      from: 'Makefile',
      registries: [],
    })
    await rm(path.join(folder, 'package.json'))
    writeFileSync(path.join(folder, 'package.json'), Buffer.alloc(5 * 1024 * 1024, 0x20))
    plainGit(folder, 'add', '-A')
    plainGit(folder, 'commit', '-q', '-m', 'large')
    expect(await failure({ url })).toMatchObject({ code: 'checks_unreadable', summary: /package\.json is larger/ })
  })

  test('many branches, submodules and checks: told by number, or refused in words', async () => {
    const { folder, url } = filled('many')
    const tip = plainGit(folder, 'rev-parse', 'HEAD')
    writeFileSync(
      path.join(folder, '.git/packed-refs'),
      Array.from({ length: 2_000 }, (_, n) => `${tip} refs/heads/b${String(n).padStart(4, '0')}\n`).join(''),
    )
    for (const name of ['x', 'y', 'z', 'w'])
      plainGit(folder, 'update-index', '--add', '--cacheinfo', `160000,${tip},sub/${name}`)
    plainGit(folder, 'commit', '-q', '-m', 'submodules')
    await bench.run(idle)
    const { repository } = await found(url)
    expect(repository).toMatchObject({ branch: 'main', branchCount: 2_001, submoduleCount: 4 })
    expect(repository.branches).toHaveLength(50)
    expect(repository.branches[0]).toBe('main')
    expect(repository.submodules).toEqual(['sub/w', 'sub/x', 'sub/y'])
    mkdirSync(path.join(folder, '.viewport'))
    writeFileSync(path.join(folder, '.viewport/checks.yaml'), '- make x\n'.repeat(500))
    plainGit(folder, 'add', '.viewport')
    plainGit(folder, 'commit', '-q', '-m', 'checks')
    expect((await failure({ url })).code).toMatch(/found_too_much|checks_unreadable/)
  })
})

/** Every file with its size and time of change. */
const everything = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const { size, mtimeMs } = statSync(path.join(folder, name), { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 }
      return [name, `${size} ${mtimeMs}`]
    }),
  )
