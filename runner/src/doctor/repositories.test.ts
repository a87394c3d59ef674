import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { lookAtRepository } from '../look/repository.ts'
import { repositoryFindings } from './repositories.ts'

let remote: TestRemote
let folder = ''
beforeEach(async () => {
  remote = await testRemote({ 'README.md': 'x' })
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-doctor-repositories-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(remote.root, { recursive: true, force: true })
})
const signal = AbortSignal.timeout(60_000)

test('those that were worked on are asked, as long as the policy allows them', async () => {
  expect(await repositoryFindings([folder], ['**'])).toMatchObject([{ ok: null, what: 'repositories' }])
  await lookAtRepository({ home: folder, url: remote.url, branch: null, tell: () => {}, signal })
  expect(await repositoryFindings([folder], ['**'])).toMatchObject([
    { ok: true, what: `repository ${remote.url}`, words: 'can be read, 1 branch' },
  ])
  expect(await repositoryFindings([folder], ['github.com/**'])).toMatchObject([{ ok: null, what: 'repositories' }])
  execFileSync('rm', ['-rf', new URL(remote.url).pathname])
  expect(await repositoryFindings([folder], ['**'])).toMatchObject([
    { ok: false, words: expect.stringContaining('There is no git repository at'), fix: expect.stringMatching(/\S/) },
  ])
})

test('those that the policy names are asked before any work, and what is in the way is told with its fix', async () => {
  const { pathname } = new URL(remote.url)
  expect(await repositoryFindings([folder], [`file://${pathname}`, 'github.com/*'])).toMatchObject([{ ok: true }])
  // Nothing listens there: what git says stands in the finding.
  expect(await repositoryFindings([folder], ['127.0.0.1:9/acme/api'])).toMatchObject([
    { ok: false, what: 'repository 127.0.0.1:9/acme/api', words: expect.stringContaining('could not be read') },
  ])
  await writeFile(path.join(folder, 'credentials.json'), '{', { mode: 0o600 })
  const [broken] = await repositoryFindings([folder], ['127.0.0.1:9/acme/api'])
  expect(broken).toMatchObject({ ok: false, words: expect.stringContaining('credentials.json') })
})
