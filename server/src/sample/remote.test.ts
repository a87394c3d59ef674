import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examplesFolder } from './examples.ts'
import { branchOf, makeRemote } from './remote.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-remote-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const git = (remote: string, ...words: string[]): string =>
  execFileSync('git', ['--git-dir', fileURLToPath(remote), ...words], { encoding: 'utf8' }).trim()

test('a bare repository with one commit, the same on every machine, whose test fails', () => {
  const remote = makeRemote(folder, path.join(examplesFolder(), 'sample-repo'))
  expect(readdirSync(folder)).toEqual(['shop.git'])
  expect(git(remote, 'rev-list', '--count', 'main')).toBe('1')
  expect(git(remote, 'config', 'core.bare')).toBe('true')
  const files = git(remote, 'ls-tree', '-r', '--name-only', 'main').split('\n')
  expect(files).toEqual(
    expect.arrayContaining([
      '.viewport/context.yaml',
      'src/price.js',
      'test/price.test.js',
      'docs/checkout-runbook.md',
    ]),
  )
  const commit = git(remote, 'rev-parse', 'main')
  expect(branchOf(remote, 'refs/heads/main')).toBe(commit)
  expect(branchOf(remote, 'refs/heads/other')).toBe(null)

  const work = path.join(folder, 'work')
  execFileSync('git', ['clone', '--quiet', fileURLToPath(remote), work])
  const { status, stdout } = spawnSync(process.execPath, ['--test'], {
    cwd: work,
    encoding: 'utf8',
    env: { PATH: process.env.PATH! },
  })
  expect(status).toBe(1)
  expect(stdout).toMatch(/a discount is rounded once[^]*# fail 1|a discount is rounded once[^]*fail 1/)

  const other = mkdtempSync(path.join(folder, 'other-'))
  expect(git(makeRemote(other, path.join(examplesFolder(), 'sample-repo')), 'rev-parse', 'main')).toBe(commit)
})

test('a remote that is there is left as it is', () => {
  const remote = makeRemote(folder, path.join(examplesFolder(), 'sample-repo'))
  git(remote, 'update-ref', 'refs/heads/mine', 'main')
  expect(makeRemote(folder, '/nowhere')).toBe(remote)
  expect(branchOf(remote, 'refs/heads/mine')).not.toBe(null)
})
