/** What a person is told before anything starts, and what a typed line means: each case by itself. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { openAnswers } from './answers.ts'
import { chooseAgent } from './choose-agent.ts'
import { bodyOf } from './decide-here.ts'
import { costWords, leavesWords } from './intent.ts'
import type { Looked, LookedAgent } from './look.ts'
import { workflowName, workflowSource } from './workflow-source.ts'

const agent = (about: Partial<LookedAgent>): LookedAgent => ({
  name: 'claude',
  version: '2.1.330',
  path: '/usr/bin/claude',
  usable: true,
  tested: true,
  modes: ['plan', 'read', 'edit', 'review'],
  note: null,
  model: { way: 'gateway', providers: [{ name: 'anthropic', url: 'https://api.anthropic.com' }] },
  estimate: { low: 0.019, high: 1.6, models: ['small', 'large'], pricesOf: '2026-11-22' },
  ...about,
})
const looked = (about: Partial<Looked> = {}): Looked => ({
  event: 'look',
  agents: [],
  isolation: { level: 'sandbox', processes: 'pid-namespace', modelGateway: true, gitGateway: true, network: 'none' },
  network: { agents: [], checks: [] },
  reckoned: { input: 60_000, cached: 400_000, output: 15_000 },
  checks: { commands: [], from: null },
  ...about,
})
const cost = (about: Partial<LookedAgent>): string => costWords({ agent: agent(about), looked: looked(), budgetUsd: 5 })

test('the cost is a guess with its reckoning, or not known; never zero for want of a price', () => {
  expect(cost({})).toBe(
    'about 0.02 to 1.60 USD, by the model it takes (small to large): a guess, 60k tokens in, 400k from caches and 15k out at list prices of 2026-11-22; it is stopped at 5 USD',
  )
  expect(cost({ estimate: null })).toMatch(/^not known: there is no price/)
  expect(cost({ model: { way: 'own' }, estimate: null })).toMatch(/^not known: what it uses does not pass/)
  expect(cost({ model: { way: 'login' }, estimate: null })).toMatch(/^not known/)
  expect(cost({ name: 'sample', model: { way: 'own' }, estimate: null })).toMatch(/^nothing/)
})

test('what leaves is named by its host, and an open network is said to be open', () => {
  const closed = looked()
  const open = looked({ isolation: { ...closed.isolation, level: 'user', network: 'open' } })
  const listed = looked({ network: { agents: [], checks: ['registry.npmjs.org'] } })
  expect(leavesWords({ agent: agent({}), looked: closed })).toBe(
    'the task and what the agent reads of the repository, to its model at api.anthropic.com; nothing else: the network is closed',
  )
  expect(leavesWords({ agent: agent({}), looked: open })).toMatch(/api\.anthropic\.com; agent and checks can reach/)
  expect(leavesWords({ agent: agent({}), looked: listed })).toMatch(/lets through: registry\.npmjs\.org$/)
  expect(leavesWords({ agent: agent({ model: { way: 'own' } }), looked: closed })).toMatch(/does not know/)
  const near: LookedAgent['model'] = {
    way: 'gateway',
    providers: [{ name: 'local', url: 'http://127.0.0.1:11434/v1' }],
  }
  expect(leavesWords({ agent: agent({ model: near }), looked: closed })).toMatch(
    /on this machine \(127\.0\.0\.1:11434\)/,
  )
})

test('the first able agent is taken, the sample only by its name; without one every reason is told', () => {
  const codex = agent({ name: 'codex' })
  const mine = agent({ name: 'aaa', model: { way: 'own' } })
  const sample = agent({ name: 'sample', model: { way: 'own' } })
  const keyless = agent({ usable: false, note: 'found, not used', model: { way: 'none', why: 'there is no key' } })
  const reader = agent({ name: 'reader', modes: ['plan', 'read'] })
  const choose = (agents: LookedAgent[], asked?: string): string => chooseAgent(looked({ agents }), asked).name
  expect(choose([sample, mine, codex, agent({})])).toBe('claude')
  expect(choose([sample, mine, codex, keyless])).toBe('codex')
  expect(choose([sample, mine, reader])).toBe('aaa')
  expect(choose([sample], 'sample')).toBe('sample')
  expect(() => choose([sample])).toThrow('No coding agent was found')
  expect(() => choose([sample, keyless, reader])).toThrow(
    'No agent on this machine can be used now:\n  claude: there is no key\n  reader: it has no mode edit',
  )
  expect(() => choose([keyless], 'claude')).toThrow('claude cannot do it: there is no key')
  expect(() => choose([sample], 'codex')).toThrow('There is no agent codex')
})

test('a typed line decides only when it plainly says so', () => {
  const plan = { subject: { kind: 'plan' }, choices: [] } as unknown as Parameters<typeof bodyOf>[1]
  const question = { subject: { kind: 'question' }, choices: [{ id: 'retry' }] } as unknown as typeof plan
  const digest = 'd'
  for (const said of ['', 'y', 'yes', 'Approve', 'approve it', 'approved', 'changes', 'retry'])
    expect(bodyOf(said, plan, { digest })).toBe(null)
  expect(bodyOf('approve', plan, { digest })).toEqual({ verdict: 'approve', digest })
  expect(bodyOf('reject', plan, { digest })).toEqual({ verdict: 'reject', digest, comment: null })
  expect(bodyOf('changes Keep the name', plan, { digest })).toEqual({
    verdict: 'request_changes',
    digest,
    comment: 'Keep the name',
  })
  expect(bodyOf('approve', question, { digest })).toBe(null)
  expect(bodyOf('retry Use staging', question, { digest })).toEqual({
    verdict: 'answer',
    digest,
    answer: { choice: 'retry', text: 'Use staging' },
  })
})

test('what was typed early is kept, and a question that is given up takes no line', async () => {
  const input = new Readable({ read() {} })
  const answers = openAnswers(input)
  const never = new AbortController().signal
  input.push('one\ntwo\n')
  expect(await answers.next(never)).toBe('one')
  expect(await answers.next(AbortSignal.abort())).toBe(undefined)
  expect(await answers.next(never)).toBe('two')
  const closed = new AbortController()
  const given = answers.next(closed.signal)
  closed.abort()
  expect(await given).toBe(undefined)
  const next = answers.next(never)
  input.push('three\n')
  expect(await next).toBe('three')
  input.push(null)
  expect(await answers.next(never)).toBe(null)
})

test('the workflow of a try compiles, whatever the names are', () => {
  const source = workflowSource({
    name: workflowName('try-My Repo_2'),
    team: 'core',
    repository: 'acme/My.Repo_2',
    branch: 'feature/#1',
    agent: 'claude',
    pool: 'local',
    checks: [],
    mayRun: ['npm test', 'sh -c "rm *"'],
    budgetUsd: 2.5,
    description: 'A task: "by hand".',
  })
  const compiled = compileWorkflow(source, 'try.workflow.yaml')
  expect(compiled).toMatchObject({ ok: true, compiled: { name: 'try-my-repo-2' } })
  expect(source).not.toContain('rm *')
  expect(source).toMatch(/allow:\n +- npm test/)
})
