/** What a repository, the user's settings or vpd's own environment could plant: none of it takes part when vpd runs git. */
import { execFile, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { git, GitFailed, gitText } from './run-git.ts'

let root: string
let repo: string
let traces: string
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'vpd-git-'))
  repo = path.join(root, 'repo')
  traces = path.join(root, 'traces')
  await mkdir(traces)
  await git(['init', '--quiet', '--initial-branch=main', repo], { cwd: root })
  await writeFile(path.join(repo, 'a.txt'), 'one\n')
  await commit('one')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

const commit = async (message: string): Promise<string> => {
  const name = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
  await git(['add', '-A'], { cwd: repo })
  await git(['commit', '--quiet', '--no-verify', '-m', message], { cwd: repo, env: name })
  return gitText(['rev-parse', 'HEAD'], { cwd: repo })
}
/** A program that leaves a trace when it runs. */
const planted = async (file: string, ends = 0): Promise<string> => {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\ntouch "${traces}/${path.basename(file)}"\nexit ${ends}\n`)
  await chmod(file, 0o755)
  return file
}
const ran = (): Promise<string[]> => readdir(traces)
const config = (name: string, value: string): Promise<unknown> => git(['config', name, value], { cwd: repo })
/** The same with the git of this machine as it is, so that a trap that never snaps proves nothing. */
const asUsual = (args: readonly string[], env: Record<string, string> = {}) =>
  spawnSync('git', args, { cwd: repo, env: { PATH: process.env['PATH'] ?? '', HOME: root, ...env } })

const hooks = ['post-checkout', 'reference-transaction', 'post-index-change']
test.each(['in the repository', 'named by its settings', "named by the user's settings"])('hooks %s', async (where) => {
  const folder = where === 'in the repository' ? path.join(repo, '.git', 'hooks') : path.join(root, 'planted')
  for (const name of hooks) await planted(path.join(folder, name))
  if (where === 'named by its settings') await config('core.hooksPath', folder)
  if (where === "named by the user's settings") {
    await writeFile(path.join(root, '.gitconfig'), `[core]\n\thooksPath = ${folder}\n`)
    vi.stubEnv('HOME', root)
  }
  await git(['checkout', '--quiet', '-b', 'other'], { cwd: repo })
  expect(await ran()).toEqual([])
  asUsual(['checkout', '--quiet', '-b', 'third'])
  expect(await ran()).toContain('post-checkout')
})

test('a monitor of files', async () => {
  await config('core.fsmonitor', await planted(path.join(root, 'monitor'), 1))
  await git(['status', '--porcelain'], { cwd: repo })
  expect(await ran()).toEqual([])
  asUsual(['status', '--porcelain'])
  expect(await ran()).toEqual(['monitor'])
})

test("settings of the user: a name that only they know is not known, nor one from vpd's own environment", async () => {
  await writeFile(path.join(root, '.gitconfig'), '[planted]\n\tword = yes\n')
  vi.stubEnv('HOME', root)
  vi.stubEnv('XDG_CONFIG_HOME', root)
  vi.stubEnv('GIT_CONFIG_COUNT', '1')
  vi.stubEnv('GIT_CONFIG_KEY_0', 'planted.also')
  vi.stubEnv('GIT_CONFIG_VALUE_0', 'yes')
  vi.stubEnv('GIT_DIR', path.join(root, 'nowhere'))
  for (const name of ['planted.word', 'planted.also'])
    expect((await git(['config', '--get', name], { cwd: repo, accept: [1] })).exit).toBe(1)
  expect(asUsual(['config', '--get', 'planted.word']).stdout.toString()).toBe('yes\n')
})

test('other ways to reach a repository than files and https', async () => {
  vi.stubEnv('PATH', `${path.dirname(await planted(path.join(root, 'bin', 'ssh'), 1))}:${process.env['PATH']}`)
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const planting = await planted(path.join(root, 'ext'))
  for (const url of [
    `ext::${planting}`,
    'ssh://git@host.invalid/x',
    'git@host.invalid:x',
    `http://127.0.0.1:${port}/x.git`,
    `git://127.0.0.1:${port}/x`,
  ])
    await expect(git(['ls-remote', '--', url], { cwd: repo, seconds: 20 })).rejects.toThrow(GitFailed)
  await new Promise((closed) => server.close(closed))
  expect([await ran(), asked]).toEqual([[], 0])
  asUsual(['-c', 'protocol.ext.allow=always', 'ls-remote', '--', `ext::${planting}`])
  expect(await ran()).toEqual(['ext'])
})

test('objects that stand in for others', async () => {
  const first = await gitText(['rev-parse', 'HEAD'], { cwd: repo })
  await writeFile(path.join(repo, 'a.txt'), 'two\n')
  const second = await commit('two')
  asUsual(['replace', first, second])
  expect(asUsual(['show', `${first}:a.txt`]).stdout.toString()).toBe('two\n')
  expect(await gitText(['show', `${first}:a.txt`], { cwd: repo })).toBe('one')
})

test('more output than was asked for', async () => {
  await writeFile(path.join(repo, 'big'), Buffer.alloc(300_000, 'x\n'))
  await commit('big')
  await expect(git(['show', 'HEAD:big'], { cwd: repo, most: 10_000 })).rejects.toMatchObject({ tooMuch: true })
})

test('a repository that its server says is elsewhere now is not followed there, to read or to write (E106)', async () => {
  const asked: string[] = []
  // As a renamed or transferred repository is told; whoever has the old name, or the new one, is somebody else.
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(root, name)) as [string, string]
  const made = `openssl req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=127.0.0.1`
  await promisify(execFile)('/bin/sh', ['-c', made])
  const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
    const at = request.url ?? ''
    asked.push(at)
    if (!at.startsWith('/acme/')) return void response.writeHead(404).end()
    response.writeHead(301, { location: at.replace('/acme/', '/evil/') }).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/acme/shop.git`
    const unproved = ['-c', 'http.sslVerify=false']
    for (const words of [
      ['ls-remote', url],
      ['fetch', url, 'main'],
      ['push', url, 'HEAD:refs/heads/vp/x'],
    ])
      await expect(git([...unproved, ...words], { cwd: repo })).rejects.toBeInstanceOf(GitFailed)
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(asked.filter((at) => at.startsWith('/evil/'))).toEqual([])
    // The git of this machine as it is goes where it is sent.
    await promisify(execFile)('git', [...unproved, 'ls-remote', url], {
      env: { PATH: process.env['PATH'], HOME: root },
    }).catch(() => {})
    expect(asked.filter((at) => at.startsWith('/evil/'))).not.toEqual([])
  } finally {
    server.close()
  }
})
