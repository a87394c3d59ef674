import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { redactorFor } from '../egress/redact.ts'
import { fetchCommit, openCache, type Cache } from '../git/cache.ts'
import { testRemote, type Files, type TestRemote } from '../git/remote.fixture.ts'
import { remoteOf } from '../git/remote-url.ts'
import { madeChange } from './change.fixture.ts'
import { agentJob } from './job.fixture.ts'
import { keepPatch } from './keep-patch.ts'
import { testPort } from './port.fixture.ts'

const value = 'cnry-4Kx9-mQ7w-Lp2z'
const redactor = redactorFor([{ name: 'CANARY', value }])
let remote: TestRemote
let cache: Cache
beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'one\n', 'old.bin': Buffer.from([0, 1, 2, 3]) })
  cache = await openCache(path.join(remote.root, 'home'), remoteOf(remote.url))
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const keep = async (files: Files) => {
  const base = await fetchCommit(cache, 'main', null)
  const made = await madeChange(cache, base, 'refs/heads/vp/x', path.join(remote.root, 'work'), files)
  return keepPatch(testPort(agentJob(remote), { secretsIn: (bytes) => redactor.known(bytes) }), cache.dir, made)
}

it.each<[string, Files]>([
  ['added', { 'new.bin': Buffer.from(`\0\0${value}\0`) }],
  ['changed', { 'old.bin': Buffer.from(`\0${Buffer.from(value).toString('base64')}\0`) }],
])(
  'a known secret inside a binary file that was %s, where the patch shows packed bytes alone (T18)',
  async (_, files) => {
    await expect(keep(files)).rejects.toMatchObject({ failure: { code: 'secret_in_change' } })
  },
)

it('other binary files pass', async () => {
  expect(await keep({ 'new.bin': Buffer.from([0, 255, 0, 254]) })).toMatchObject({ kind: 'patch' })
})
