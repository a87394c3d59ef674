/** When does what an agent wrote come with its result? Whole steps of an agent that says it. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { doJob } from './do-job.ts'
import { agentJob } from './job.fixture.ts'
import { testPort } from './port.fixture.ts'

let remote: TestRemote
beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'a\n' })
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const said = async (script: string, also: Parameters<typeof agentJob>[1]) => {
  const port = testPort(agentJob(remote, { agent: 'says', context: [], ...also }), { step: 'look' })
  await doJob(port, {
    home: path.join(remote.root, 'home'),
    passEnvironment: [],
    commands: {
      says: {
        argv: ['/bin/sh', '-c', `cat >/dev/null; ${script}`],
        promptAs: 'stdin',
        modes: ['read', 'review', 'plan', 'edit'],
      },
    },
  })
  const last = port.reports.at(-1)
  if (last?.type !== 'finished') throw new Error(JSON.stringify(last))
  return last.result
}

test('only where an action takes it outside', async () => {
  expect(await said('echo Sort it.', { mode: 'read' })).not.toHaveProperty('text')
  expect(await said('echo Sort it.', { mode: 'read', tell: true })).toMatchObject({ kind: 'text', text: 'Sort it.' })
})

test('a plan and the last words about a change come as well', async () => {
  expect(await said("printf '# Fix\\n1. Mend a.txt\\n'", { mode: 'plan', tell: true })).toMatchObject({
    kind: 'plan',
    text: '# Fix\n1. Mend a.txt',
  })
  expect(await said('echo b > a.txt; echo Mended.', { mode: 'edit', tell: true })).toMatchObject({
    kind: 'change',
    text: 'Mended.',
  })
})

test('a long one is cut at what a fact may hold, between characters', async () => {
  const result = await said("head -c 60000 /dev/zero | tr '\\0' x; printf '\\360\\237\\230\\200'", {
    mode: 'read',
    tell: true,
  })
  expect(result).toMatchObject({ text: `${'x'.repeat(19_999)}…` })
})
