/** Does vpd keep to the step's folder when an agent put a link where Codex's folder was? */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCodexHome, tidyCodexHome } from './codex-home.ts'

let root: string
let state: string
let owner: string
const thread = '0199a213-81c0-7800-8aa1-bbab2a035a53'
const settings = { own: null, baseUrl: 'http://127.0.0.1:1/openai/v1', model: null, cwd: '/', inMemory: null }
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-codex-home-'))
  state = path.join(root, 'step', 'state')
  owner = path.join(root, 'owner')
  await mkdir(state, { recursive: true })
  await mkdir(path.join(owner, 'sessions'), { recursive: true })
  await mkdir(path.join(owner, 'documents'))
  await writeFile(path.join(owner, 'documents', 'dear.txt'), 'dear')
  await writeFile(path.join(owner, 'note.txt'), 'note')
  await writeFile(path.join(owner, 'sessions', `rollout-1-${thread}.jsonl`), 'private')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('what is tidied is the folder of the step, never where a link leads', async () => {
  const { home } = await makeCodexHome(state, settings, null)
  await rename(home, path.join(state, 'moved'))
  await symlink(owner, home)
  await tidyCodexHome(state)
  expect(await readFile(path.join(owner, 'documents', 'dear.txt'), 'utf8')).toBe('dear')
  expect(await readFile(path.join(owner, 'note.txt'), 'utf8')).toBe('note')
  expect(await readdir(state)).toEqual(['moved'])
})

test.each(['codex', 'codex/sessions'])('no record is taken from where a link at %s leads', async (place) => {
  if (place !== 'codex') await mkdir(path.join(state, 'codex'))
  await symlink(place === 'codex' ? owner : path.join(owner, 'sessions'), path.join(state, place))
  const { record } = await makeCodexHome(state, settings, { thread, asked: null })
  expect(record).toBeNull()
})

test('the record of the session is all that stays', async () => {
  const { home } = await makeCodexHome(state, settings, null)
  await mkdir(path.join(home, 'sessions', '2026'), { recursive: true })
  await writeFile(path.join(home, 'sessions', '2026', `rollout-1-${thread}.jsonl`), 'record')
  await tidyCodexHome(state)
  expect(await readdir(home)).toEqual(['sessions'])
  const next = await makeCodexHome(state, settings, { thread, asked: null })
  expect(await readFile(next.record ?? '', 'utf8')).toBe('record')
})
