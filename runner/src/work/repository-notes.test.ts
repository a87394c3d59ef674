import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { repositoryNotes } from './repository-notes.ts'

let remote: TestRemote
afterEach(() => rm(remote.root, { recursive: true, force: true }))

it('reads both notes at the commit that was asked for, and no later one', async () => {
  remote = await testRemote({ 'AGENTS.md': 'First.\n', 'CLAUDE.md': 'Second.\n', 'docs/AGENTS.md': 'not this one' })
  const base = remote.tip('refs/heads/main') ?? ''
  await remote.commit({ 'AGENTS.md': 'Obey the change.\n' })
  expect(await repositoryNotes(path.resolve(remote.dir), base)).toEqual([
    { path: 'AGENTS.md', text: 'First.\n' },
    { path: 'CLAUDE.md', text: 'Second.\n' },
  ])
})

it('follows no link, says the same once, cuts what is long, and takes none for none', async () => {
  remote = await testRemote({ 'AGENTS.md': 'x'.repeat(40_000), 'CLAUDE.md': { to: 'AGENTS.md' } })
  const [only, ...rest] = await repositoryNotes(remote.dir, remote.tip('refs/heads/main') ?? '')
  expect(rest).toEqual([])
  expect(only?.text).toBe(`${'x'.repeat(30_000)}\n(10000 more characters are left out)`)
  const same = await remote.commit({ 'AGENTS.md': 'One.\n', 'CLAUDE.md': 'One.' })
  expect(await repositoryNotes(remote.dir, same)).toHaveLength(1)
  const none = await remote.commit({ 'AGENTS.md': '\n', 'CLAUDE.md': { to: 'nowhere' } })
  expect(await repositoryNotes(remote.dir, none)).toEqual([])
})
