/** Looking at somebody's repository changes nothing in it, also where git by itself would. */
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherName } from '@viewportai/core/try/furnish'
import { ownRepository } from './repository.ts'

let root: string
let folder: string
const git = (...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: root, GIT_OPTIONAL_LOCKS: '0' },
  }).trim()
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'viewport-own-'))
  folder = path.join(root, 'shop')
  execFileSync('git', ['init', '-q', '-b', 'main', folder])
  for (const name of ['a.txt', 'b.txt', '.gitattributes'])
    writeFileSync(path.join(folder, name), name === '.gitattributes' ? '*.txt filter=lfs\n' : 'one\n')
  git('add', '--all')
  git('commit', '-q', '-m', 'One')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const everything = (): Record<string, string> =>
  Object.fromEntries(
    ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].map((name) => {
      const about = lstatSync(path.join(folder, name), { bigint: true })
      const text = about.isFile() ? readFileSync(path.join(folder, name), 'base64') : ''
      return [name, `${about.mtimeNs} ${about.mode} ${text}`]
    }),
  )

test('a stale index stays stale; no monitor and no filter of the repository runs', () => {
  const ran = path.join(root, 'ran')
  git('config', 'core.fsmonitor', `touch ${ran}; false`)
  git('config', 'filter.lfs.clean', `touch ${ran}; cat`)
  git('config', 'remote.origin.url', 'https://me:secret@git.acme.example/acme/shop.git?x=1')
  for (const name of ['a.txt', 'b.txt']) utimesSync(path.join(folder, name), 1_000, 1_000) // as a copied folder has it
  writeFileSync(path.join(folder, 'c.txt'), 'new\n')
  const before = everything()
  expect(ownRepository(folder, undefined)).toMatchObject({
    url: `file://${folder}`,
    name: 'acme/shop',
    branch: 'main',
    remotes: ['origin (git.acme.example/acme/shop.git)'],
    notes: [expect.stringContaining('One file of yours is not committed (c.txt)')],
  })
  expect(everything()).toEqual(before)
  expect(() => lstatSync(ran)).toThrow('ENOENT')
})

test('a branch named like an option, or a commit in the place of one, is no base', () => {
  for (const base of ['--all', 'HEAD', git('rev-parse', 'HEAD'), 'main^', ''])
    expect(() => ownRepository(folder, base)).toThrow(/There is no branch/)
  expect(ownRepository(folder, 'refs/heads/main').branch).toBe('main')
})

test('the name comes from the origin, else from the folder', () => {
  const named = (url: string): string => {
    git('config', 'remote.origin.url', url)
    return ownRepository(folder, undefined).name
  }
  expect(named('git@github.com:acme/api.git')).toBe('acme/api')
  expect(named('ssh://git@host/team/group/api')).toBe('group/api')
  for (const local of ['/srv/git/api.git', '../api', 'file:///srv/git/api.git', 'https://host'])
    expect(named(local)).toBe('local/shop')
  expect(otherName('acme/api', 'file:///x')).toMatch(/^local\/api-[0-9a-f]{6}$/)
})
