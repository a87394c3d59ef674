import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Change } from '@viewportai/core/gate/subject'
import { agentJob } from '../work/job.fixture.ts'
import { testPort } from '../work/port.fixture.ts'
import { bringChange } from './approved-change.ts'
import { fetchCommit, openCache, type Cache } from './cache.ts'
import { commitTree } from './make-change.ts'
import { testRemote, type TestRemote } from './remote.fixture.ts'
import { remoteOf } from './remote-url.ts'
import { gitText } from './run-git.ts'

let remote: TestRemote
let cache: Cache
let base: string
let other: string
beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'one\n' })
  cache = await openCache(path.join(remote.root, 'home'), remoteOf(remote.url))
  base = await fetchCommit(cache, 'main', null)
  other = await remote.commit({ 'a.txt': 'two\n' })
  await fetchCommit(cache, 'main', other)
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const treeOf = (commit: string) => gitText(['rev-parse', '--verify', `${commit}^{tree}`], { gitDir: cache.dir })
const bring = async (over: Partial<Change>) => {
  const tree = await treeOf(other)
  const change: Change = { repo: 'acme/shop', base, commit: other, tree, patch: '0'.repeat(64), files: [], ...over }
  const scratch = path.join(remote.root, 'scratch')
  await mkdir(scratch, { recursive: true })
  return bringChange(cache, change, testPort(agentJob(remote)).evidence, scratch)
}

it('gives the commit that holds the tree on its base', async () => {
  expect(await bring({})).toBe(other)
})

it('never a commit with other files, nor one with the same files on another history (F39)', async () => {
  const differs = { failure: { code: 'digest_differs' } }
  await expect(bring({ tree: await treeOf(base) })).rejects.toMatchObject(differs)
  await expect(bring({ base: other })).rejects.toMatchObject(differs)
  const two = await commitTree(cache.dir, await treeOf(other), [base, other], 'm', null)
  await expect(bring({ commit: two })).rejects.toMatchObject(differs)
})
