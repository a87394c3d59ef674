import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { heapInUse, tinyRequest } from '@viewportai/core/wire/testing/tiny-pieces'
import { fetchCommit, openCache, type Cache } from './cache.ts'
import { startGateway, type Gateway } from './gateway.ts'
import type { PushCommand } from './pkt-line.ts'
import { bringTree, makeQuarantine, packCap, pushedTree, type Quarantine } from './quarantine.ts'
import { plainGit, testRemote, writeFiles, type TestRemote } from './remote.fixture.ts'
import { remoteOf } from './remote-url.ts'
import { cloneForStep } from './step-clone.ts'

const branch = 'refs/heads/vp/bug-1-3f9c52'
let remote: TestRemote
let cache: Cache
let quarantine: Quarantine
let gateway: Gateway
let work = ''
let recorded: PushCommand[] = []
let refused: { ref: string; why: string }[] = []

beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'a\n' })
  await remote.commit({ 'b.txt': 'on a branch\n' }, 'topic')
  await remote.commit({ 'b.txt': 'older push\n' }, 'vp/older')
  cache = await openCache(path.join(remote.root, 'home'), remoteOf(remote.url))
  const base = await fetchCommit(cache, 'main', null)
  quarantine = await makeQuarantine(cache, path.join(remote.root, 'step', 'quarantine.git'))
  recorded = []
  refused = []
  gateway = await startGateway([
    {
      name: 'acme/shop',
      quarantine,
      branch,
      pushed: async (command) => {
        recorded.push(command)
        return { recorded: true, words: `recorded ${command.ref}; a reviewer decides` }
      },
      refused: async ({ ref }, why) => void refused.push({ ref, why }),
    },
  ])
  work = path.join(remote.root, 'step', 'shop')
  await cloneForStep(cache, work, base, branch, gateway.urlOf('acme/shop'))
})
afterEach(async () => {
  await gateway.close()
  await rm(remote.root, { recursive: true, force: true })
})

/** The agent's own git, in its tree; never rejects. */
const agent = async (...args: string[]) => {
  const run = promisify(execFile)('git', args, {
    cwd: work,
    env: { PATH: process.env['PATH'], HOME: remote.root, GIT_TERMINAL_PROMPT: '0' },
  })
  return run.then(
    (ok) => ({ code: 0, err: ok.stderr }),
    (error: { code: number; stderr: string }) => ({ code: error.code, err: error.stderr }),
  )
}
const commit = async (content: string) => {
  await writeFiles(work, { 'a.txt': content })
  plainGit(work, 'commit', '-q', '-a', '-m', 'agent')
  return plainGit(work, 'rev-parse', 'HEAD')
}
const remoteRefs = () => remote.git('for-each-ref', '--format=%(refname) %(objectname)')

it('a push in a million pieces costs what it holds', async () => {
  const { port, pathname } = new URL(gateway.urlOf('acme/shop'))
  const before = heapInUse()
  const { socket, arrived } = tinyRequest(Number(port), `${pathname}/git-receive-pack`, 1_000_000)
  await arrived()
  expect(heapInUse() - before).toBeLessThan(40_000_000)
  socket.destroy()
})

describe('origin of an agent', () => {
  it('lets fetch pass, with the branches as they were', async () => {
    await remote.commit({ 'a.txt': 'later\n' }, 'topic')
    expect((await agent('fetch', 'origin')).code).toBe(0)
    expect(plainGit(work, 'show', 'origin/topic:b.txt')).toBe('on a branch')
    expect(
      (await agent('clone', '-q', gateway.urlOf('acme/shop'), path.join(remote.root, 'again'), '--branch', 'main'))
        .code,
    ).toBe(0)
  })

  it('records a push of the run branch, says so, and publishes nothing', async () => {
    const before = remoteRefs()
    const id = await commit('changed\n')
    const push = await agent('push', 'origin', `HEAD:${branch}`)
    expect(push.code).toBe(1)
    expect(push.err).toContain(`remote: vpd: recorded ${branch}; a reviewer decides`)
    expect(push.err).toContain('recorded, awaiting a reviewer')
    expect(recorded).toEqual([{ old: '0'.repeat(40), new: id, ref: branch }])
    expect(await pushedTree(quarantine, id)).toBe(plainGit(work, 'rev-parse', 'HEAD^{tree}'))
    expect(remoteRefs()).toBe(before)
    await bringTree(quarantine, cache, id)
    expect(plainGit(cache.dir, 'cat-file', '-t', plainGit(work, 'rev-parse', 'HEAD^{tree}'))).toBe('tree')
    expect(() => plainGit(cache.dir, 'cat-file', '-e', id)).toThrow('Command failed') // the agent's own commit stays in quarantine
  })

  it.each<[string, string[], string]>([
    ['main (E59)', ['push', 'origin', 'HEAD:refs/heads/main'], 'refs/heads/main'],
    ['a forced refspec (E58)', ['push', 'origin', '+HEAD:main'], 'refs/heads/main'],
    ['a deletion (E61)', ['push', 'origin', ':main'], 'refs/heads/main'],
    ['a tag (E88)', ['push', 'origin', 'HEAD:refs/tags/v1'], 'refs/tags/v1'],
    ['notes (E88)', ['push', 'origin', 'HEAD:refs/notes/commits'], 'refs/notes/commits'],
    [
      'a replacement (E88)',
      ['push', 'origin', 'HEAD:refs/replace/1111111111111111111111111111111111111111'],
      'refs/replace/1111111111111111111111111111111111111111',
    ],
    ['a pull request (E88)', ['push', 'origin', 'HEAD:refs/pull/1/head'], 'refs/pull/1/head'],
    ['another run (E89)', ['push', 'origin', 'HEAD:refs/heads/vp/other-aaaaaa'], 'refs/heads/vp/other-aaaaaa'],
    ['main in other letters (E89)', ['push', 'origin', 'HEAD:refs/heads/mаin'], 'refs/heads/mаin'],
    ['main in another case (E89)', ['push', 'origin', 'HEAD:refs/heads/Main'], 'refs/heads/Main'],
    [
      'plumbing (E62)',
      ['-c', 'alias.s=!git send-pack', 'push', '--receive-pack=git-receive-pack', 'origin', 'HEAD:refs/heads/x'],
      'refs/heads/x',
    ],
    [
      'a disguised push (E01)',
      ['-C', '.', '-c', 'push.default=current', 'push', 'origin', 'HEAD:refs/heads/y'],
      'refs/heads/y',
    ],
  ])('refuses a push of %s, with a reason, and records the refusal', async (_name, args, ref) => {
    await commit('changed\n')
    const before = remoteRefs()
    const push = await agent(...args)
    expect(push.code).toBe(1)
    expect(push.err).toContain('refused')
    expect(refused.map((r) => r.ref)).toEqual([ref])
    expect(recorded).toEqual([])
    expect(remoteRefs()).toBe(before)
  })

  it('mirrors and many refs at once: the allowed one is recorded, the others refused (E60)', async () => {
    await commit('changed\n')
    plainGit(work, 'tag', 'v1')
    await agent('push', 'origin', `HEAD:${branch}`, 'HEAD:refs/heads/main', 'refs/tags/v1')
    expect(recorded.map((c) => c.ref)).toEqual([branch])
    expect(refused.map((r) => r.ref).toSorted()).toEqual(['refs/heads/main', 'refs/tags/v1'])
  })

  it('takes a large push and refuses unsound objects', async () => {
    await writeFile(path.join(work, 'big.bin'), Buffer.alloc(3_000_000, Math.random().toString())) // larger than http.postBuffer: git probes first
    plainGit(work, 'add', 'big.bin')
    await commit('x\n')
    expect((await agent('push', 'origin', `HEAD:${branch}`)).err).toContain('recorded')
    // a tree with a .git entry is refused by git's own check of objects
    const blob = plainGit(work, 'rev-parse', 'HEAD:a.txt')
    await writeFile(path.join(work, 'rows'), `100644 blob ${blob}\t.git\0`)
    const tree = await promisify(execFile)('sh', ['-c', 'git mktree -z < rows'], { cwd: work })
    const bad = plainGit(work, 'commit-tree', '-m', 'bad', tree.stdout.trim())
    const push = await agent('push', 'origin', `${bad}:${branch}`)
    expect(push.err).toMatch(/not sound/)
    expect(recorded).toHaveLength(1)
  })

  it('stops reading what unpacks to more than a push may be', async () => {
    const send = (megabytes: number) =>
      fetch(`${gateway.urlOf('acme/shop')}/git-receive-pack`, {
        method: 'POST',
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.concat([Buffer.from('0000'), Buffer.alloc(megabytes * 1024 * 1024)])),
      }).then(({ status }) => status)
    expect([await send(1), await send(packCap / 1024 / 1024 + 8)]).toEqual([200, 500])
  })

  it('answers nothing to who does not know the address', async () => {
    const url = new URL(gateway.urlOf('acme/shop'))
    for (const wrong of [
      '/0'.padEnd(33, '0') + '/0/info/refs?service=git-upload-pack',
      '/',
      `${url.pathname}/config`,
      `${url.pathname}/../0/HEAD`,
    ])
      expect((await fetch(new URL(wrong, url.origin))).status).toBe(404)
    expect((await fetch(`${url.href}/info/refs?service=git-evil`)).status).toBe(403)
  })
})
