// The smoke test: on an empty folder the sample runs from a bug report to a proven change with nobody there, and ends by itself.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { makePlace } from './testing/place.ts'
import { endAllOf, processesOf, stillAlive } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram } from './testing/program.ts'

const place = makePlace('headless')
const words = ['up', '--sample', '--headless', '--yes', '--port', '0', '--data', place.data]

afterAll(() => {
  endAllOf(place.folder)
  place.remove()
})

test('from a bug report to a proven change, then it stops everything', { timeout: 180_000 }, async () => {
  const running = start(place, viewportProgram, words)
  await running.says(/online/)
  const during = processesOf(place.folder)
  const { code, out, err } = await running.ended
  expect({ code, out, err }).toMatchObject({ code: 0 })
  expect(out).toMatch(/Run 1: .*: succeeded/)
  for (const step of ['plan', 'implement', 'verify', 'git_open_change'])
    expect(out).toMatch(new RegExp(`^  ${step} `, 'm'))
  const [, ref = '', commit] = /^Branch (refs\/heads\/\S+) at ([0-9a-f]{40})$/m.exec(out) ?? []
  expect(ref).toMatch(/^refs\/heads\/vp\//)
  expect(out).toMatch(/^Receipt git\.\w+ on /m)
  expect(err).toMatch(/@\w+ approved: /)

  const remote = join(place.data, 'sample/remotes/shop.git')
  expect(git(remote, 'rev-parse', ref)).toBe(commit)
  expect(git(remote, 'for-each-ref', '--format=%(refname)').split('\n').toSorted()).toEqual(
    ['refs/heads/main', ref].toSorted(),
  )
  expect(git(remote, 'diff', '--name-only', 'main', ref)).toContain('src/price.js')

  expect(during.length).toBeGreaterThan(2)
  await expect.poll(() => stillAlive(during), { timeout: 20_000 }).toEqual([])
  expect(processesOf(place.folder)).toEqual([])
  expect(existsSync(join(place.home, '.viewport/running.json'))).toBe(false)
  expect(existsSync(join(place.data, 'login.json'))).toBe(false)
})

test('its packet verifies with the key that was kept, and not with another one', async () => {
  const packet = join(place.data, 'sample/run-1.packet.zip')
  const keys = join(place.data, 'sample/viewport.keys.json')
  expect(await run(place, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
  expect((await run(place, vpdProgram, ['audit', 'verify', packet])).code).not.toBe(0)
})

test(
  'the work is done: started again, the same run is told, and nothing is done twice',
  { timeout: 120_000 },
  async () => {
    const remote = join(place.data, 'sample/remotes/shop.git')
    const before = git(remote, 'for-each-ref')
    const { code, out, err } = await run(place, viewportProgram, words)
    expect({ code, out, err }).toMatchObject({ code: 0 })
    expect(out).toMatch(/Run 1: .*: succeeded/)
    expect(err).not.toMatch(/approved/)
    expect(git(remote, 'for-each-ref')).toBe(before)
  },
)

test.each([
  ['without the sample', ['up', '--headless', '--yes'], 1, /only in the sample workspace/],
  ['without a word of consent', ['up', '--sample', '--headless'], 2, /say so with --yes/],
])('%s it decides nothing', async (_, asked, code, why) => {
  const other = makePlace('headless-no')
  const ended = await run(other, viewportProgram, [...asked, '--data', other.data])
  expect(ended).toMatchObject({ code, err: expect.stringMatching(why) })
  expect(existsSync(other.data)).toBe(false)
  expect(readdirSync(other.home)).toEqual([])
  other.remove()
})

const git = (folder: string, ...asked: string[]): string =>
  execFileSync('git', ['--git-dir', folder, ...asked], { encoding: 'utf8', env: place.env }).trim()
