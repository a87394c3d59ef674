/** Is a command that a person allowed run in another folder, repository or environment than the one they saw? (E99, E100) Real folders, real git. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bareEnvironment } from '../process/environment.ts'
import { commandAsk, decideWith } from './asks.ts'
import { placeOf } from './place.ts'

let root = ''
let cwd = ''
const env = { PATH: '/usr/bin:/bin', HOME: '/x/1/home', TMPDIR: '/x/1/tmp', VPD_STEP: 'a.1', ACME_KEY: 'short' }
const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', env: bareEnvironment() })
beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'vpd-place-')))
  cwd = path.join(root, 'shop')
  for (const folder of ['shop/sub', 'shop/own', 'shop/pointed', 'shop/linked', 'other/.git', 'shop/bare'])
    await mkdir(path.join(root, folder), { recursive: true })
  for (const folder of [cwd, path.join(cwd, 'own')]) git(root, 'init', '-q', folder)
  git(root, 'init', '-q', '--bare', path.join(cwd, 'bare'))
  await writeFile(path.join(cwd, 'pointed/.git'), `gitdir: ${cwd}/own/.git\n`)
  await symlink('../own/.git', path.join(cwd, 'linked/.git'))
  await symlink('../other', path.join(cwd, 'away'))
  await symlink('sub', path.join(cwd, 'alias'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test.each([
  ['.', '.', '.'],
  ['sub', 'sub', '.'],
  ['alias', 'sub', '.'], // the real folder, whatever it was called
  ['own', 'own', 'own'],
  ['own/not/there', 'own/not/there', 'own'],
  ['pointed', 'pointed', 'pointed (.git says gitdir: ./own/.git)'],
  ['linked', 'linked', 'linked (.git leads to ../own/.git)'],
  ['bare', 'bare', 'bare (bare)'],
  ['away', '../other', '../other'],
  ['/', '../../..', null],
])('in %s a command runs in %s and finds the repository %s', (named, folder, repository) => {
  const place = placeOf({ cwd, env }, named)
  if (named !== '/') expect(place).toMatchObject({ cwd: folder, repository })
  else expect(place.repository).toBeNull()
})

test('git finds the same repository', () => {
  const top = (folder: string): string => git(path.join(cwd, folder), 'rev-parse', '--show-toplevel').trim()
  expect([top('.'), top('sub'), top('own')]).toEqual([cwd, cwd, path.join(cwd, 'own')])
})

const allowedIn = (folder: string) => ({
  ask: commandAsk('npm publish', placeOf({ cwd, env }, folder), '').ask,
  allow: true,
  text: null,
})
const word = (allowed: string, run: string, given: Record<string, string> = env): string =>
  decideWith({ cwd, env: given, decide: () => ({ decision: 'ask', why: '' }), answers: [allowedIn(allowed)] })(
    'npm publish',
    run,
  ).decision

test('what was allowed in one place is allowed in no other', () => {
  expect(word('.', '.')).toBe('allow')
  expect(word('sub', 'alias')).toBe('allow')
  for (const elsewhere of ['sub', 'own', 'pointed', 'linked', 'bare', 'away', '..', '/'])
    expect([elsewhere, word('.', elsewhere)]).toEqual([elsewhere, 'ask'])
})

test('a repository of its own that was planted after the word makes it another place', async () => {
  const allowed = allowedIn('sub')
  const decide = (): string =>
    decideWith({ cwd, env, decide: () => ({ decision: 'ask', why: '' }), answers: [allowed] })('npm publish', 'sub')
      .decision
  expect(decide()).toBe('allow')
  git(root, 'init', '-q', path.join(cwd, 'sub'))
  expect(decide()).toBe('ask')
  await rm(path.join(cwd, 'sub/.git'), { recursive: true })
})

test('another environment than the one shown is another place; folders of the attempt and values of secrets are none', () => {
  expect(word('.', '.', { ...env, PATH: `${root}:/usr/bin` })).toBe('ask')
  expect(word('.', '.', { ...env, NODE_PATH: 'x' })).toBe('ask')
  expect(word('.', '.', { ...env, HOME: '/x/2/home', TMPDIR: '/x/2/tmp', VPD_STEP: 'a.2', ACME_KEY: 'other' })).toBe(
    'allow',
  )
})
