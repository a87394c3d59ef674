/** Who is handed the secret of a tool? Whole steps, checks and agents, that print their environment. */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lastUse } from '../credentials/last-used.ts'
import { keepKey } from '../credentials/model-keys.ts'
import type { ToolRules } from '../credentials/tool-setup.ts'
import type { Secret } from '../egress/encodings.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { doJob } from './do-job.ts'
import { agentJob, checksJob } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort } from './port.fixture.ts'

const value = 'npm_0123456789abcdef'
let remote: TestRemote
let home: string
let learned: Secret[]
beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'a\n' })
  home = path.join(remote.root, 'home')
  await mkdir(home)
  learned = []
  await keepKey(home, 'NPM_TOKEN', { key: value, url: null }, null, 'tool')
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const setup = (rules: ToolRules): Setup => ({
  home,
  passEnvironment: [],
  commands: {
    shows: { argv: ['/bin/sh', '-c', 'cat >/dev/null; env'], promptAs: 'stdin', modes: ['read'] },
  },
  tools: { home, rules, learn: (more) => void learned.push(...more) },
})
const rule = { checks: false, agents: [], repositories: ['**'] }
const checks = async (rules: ToolRules, also: { tainted?: true } = {}) => {
  const port = testPort(checksJob(remote, { commands: ['env'], baseline: false, ...also }), { step: 'verify' })
  await doJob(port, setup(rules))
  return port
}
const agent = async (rules: ToolRules, also: { tainted?: true } = {}) => {
  const port = testPort(agentJob(remote, { mode: 'read', agent: 'shows', context: [], ...also }), { step: 'look' })
  await doJob(port, setup(rules))
  return port
}

test('checks that the policy names get it, learned beforehand; nobody else does', async () => {
  const rules = { NPM_TOKEN: { ...rule, checks: true } }
  expect((await checks(rules)).logText()).toContain(`NPM_TOKEN=${value}`)
  expect(learned).toEqual([{ name: 'NPM_TOKEN', value }])
  expect(await lastUse(home, 'tool', 'NPM_TOKEN')).not.toBe(null)
  expect((await agent(rules)).logText()).not.toContain(value)
  expect((await checks({})).logText()).not.toContain(value)
})

test('an agent that the policy names gets it, checks do not', async () => {
  const rules = { NPM_TOKEN: { ...rule, agents: ['sh*'] } }
  expect((await agent(rules)).logText()).toContain(`NPM_TOKEN=${value}`)
  expect((await checks(rules)).logText()).not.toContain(value)
})

test('a run that outside text reached, which nobody has read, gets none', async () => {
  const rules = { NPM_TOKEN: { ...rule, checks: true, agents: ['sh*'] } }
  for (const port of [await agent(rules, { tainted: true }), await checks(rules, { tainted: true })]) {
    expect(port.reports.at(-1)!.type).toBe('finished')
    expect(port.logText()).not.toContain(value)
  }
  expect(await lastUse(home, 'tool', 'NPM_TOKEN')).toBe(null)
})

test('work on a repository that the rule does not name gets none', async () => {
  const rules = { NPM_TOKEN: { ...rule, checks: true, repositories: ['github.com/acme/*'] } }
  expect((await checks(rules)).logText()).not.toContain(value)
})

test('one that is promised and not kept fails the step, with what to do', async () => {
  const port = await checks({ PYPI_TOKEN: { ...rule, checks: true } })
  expect(port.reports.at(-1)).toMatchObject({
    type: 'failed',
    failure: { code: 'tool_secret_missing', check: expect.stringContaining('vpd credentials set tool PYPI_TOKEN') },
  })
})
