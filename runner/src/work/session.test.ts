import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { redactorFor } from '../egress/redact.ts'
import { forgetRun, oldRuns } from '../evidence/forget.ts'
import { openEvidence } from '../evidence/store.ts'
import type { Setup } from './port.ts'
import { findSession, restoreState, saveSession } from './session.ts'
import { sweepLeftovers } from './sweep-leftovers.ts'

let home: string
let setup: Setup
beforeEach(async () => {
  // A short path: a socket's is limited to about a hundred bytes.
  home = await mkdtemp(path.join(os.tmpdir(), 'vps-'))
  setup = { home, commands: {}, passEnvironment: [] }
})
afterEach(() => rm(home, { recursive: true, force: true }))

const meta = { agent: 'sample', step: 'implement', tree: null }
const stateWith = async (text: string): Promise<string> => {
  const state = path.join(home, 'st')
  await mkdir(state, { recursive: true })
  await writeFile(path.join(state, 'memory'), text)
  return state
}
const kept = (run: string): Promise<string[]> => readdir(path.join(home, 'sessions', run)).catch(() => [])

test('a session is what it was when it was saved, for its run and its agent alone', async () => {
  const id = await saveSession(setup, 'run_1', meta, await stateWith('one'))
  await stateWith('two')
  const found = await findSession(setup, 'run_1', id, 'sample')
  await restoreState(found!, path.join(home, 'again'))
  expect(await readFile(path.join(home, 'again', 'memory'), 'utf8')).toBe('one')
  expect(await findSession(setup, 'run_1', id, 'claude')).toBeNull()
  expect(await findSession(setup, 'run_2', id, 'sample')).toBeNull()
  for (const odd of ['ses_../../x', '../ses_0', '', `${id}.draft`])
    expect(await findSession(setup, 'run_1', odd, 'sample')).toBeNull()
})

test('one that could not be saved whole is none: half of it lies under no name that is looked for, and goes at the next start', async () => {
  const state = await stateWith('one')
  await rename(state, `${state}-away`)
  await symlink(`${state}-away`, state) // vpd made a folder there: what stands in its place was planted
  await expect(saveSession(setup, 'run_1', meta, state)).rejects.toThrow(/state_replaced/)
  await rm(state)
  expect((await kept('run_1')).filter((name) => !name.endsWith('.draft'))).toEqual([])
  const whole = await saveSession(setup, 'run_1', meta, await stateWith('two'))
  await sweepLeftovers(setup)
  expect(await kept('run_1')).toEqual([whole])
})

test('of what an agent left, folders and regular files are kept: no link that leads a later write elsewhere, no pipe, no socket', async () => {
  const state = await stateWith('one')
  await mkdir(path.join(state, 'deep'))
  await writeFile(path.join(state, 'deep', 'note'), 'two')
  await writeFile(path.join(home, 'private'), 'untouched')
  await symlink(path.join(home, 'private'), path.join(state, 'config.toml'))
  await symlink('/etc', path.join(state, 'deep', 'etc'))
  execFileSync('mkfifo', [path.join(state, 'pipe')])
  const socket = createServer()
  await new Promise<void>((ready) => socket.listen(path.join(state, 's'), ready))
  try {
    const found = await findSession(setup, 'run_1', await saveSession(setup, 'run_1', meta, state), 'sample')
    await restoreState(found!, path.join(home, 'again'))
  } finally {
    await new Promise((closed) => socket.close(closed))
  }
  expect((await readdir(path.join(home, 'again'), { recursive: true })).toSorted()).toEqual([
    'deep',
    'deep/note',
    'memory',
  ])
  await writeFile(path.join(home, 'again', 'config.toml'), 'settings of a driver')
  expect(await readFile(path.join(home, 'private'), 'utf8')).toBe('untouched')
})

test('forgetting a run erases its sessions and nobody else’s', async () => {
  const state = await stateWith('what the agent remembers')
  const [mine, other] = [await saveSession(setup, 'run_1', meta, state), await saveSession(setup, 'run_2', meta, state)]
  await forgetRun(home, openEvidence(home, redactorFor([])), 'run_1')
  expect(await findSession(setup, 'run_1', mine, 'sample')).toBeNull()
  expect(await kept('run_1')).toEqual([])
  expect(await findSession(setup, 'run_2', other, 'sample')).not.toBeNull()
  for (const odd of ['..', '../sessions/run_2', '']) await forgetRun(home, openEvidence(home, redactorFor([])), odd)
  expect(await findSession(setup, 'run_2', other, 'sample')).not.toBeNull()
})

test('a session that nothing else tells of, no body and no log, is erased with its days too, and nobody else can read it meanwhile', async () => {
  await saveSession(setup, 'run_1', meta, await stateWith('what its tools answered'))
  await saveSession(setup, 'run_2', meta, await stateWith('young'))
  const folder = path.join(home, 'sessions', 'run_1')
  expect((await stat(folder)).mode & 0o077).toBe(0)
  const longAgo = Date.now() / 1_000 - 40 * 86_400
  await utimes(folder, longAgo, longAgo)
  const evidence = openEvidence(home, redactorFor([]))
  expect(await oldRuns(home, evidence, 30 * 86_400_000)).toEqual(['run_1'])
  await forgetRun(home, evidence, 'run_1')
  expect([await kept('run_1'), (await kept('run_2')).length]).toEqual([[], 1])
  expect(await oldRuns(home, evidence, 30 * 86_400_000)).toEqual([])
})
