/** What a person is told before anything starts, and what a typed line means: each case by itself. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { LookedAgent } from '@viewportai/core/try/looked'
import { openAnswers } from './answers.ts'
import { chooseAgent } from './choose-agent.ts'
import { bodyOf } from './decide-here.ts'

const agent = (about: Partial<LookedAgent>): LookedAgent => ({
  name: 'claude',
  version: '2.1.330',
  path: '/usr/bin/claude',
  usable: true,
  tested: true,
  modes: ['plan', 'read', 'edit', 'review'],
  note: null,
  model: { way: 'gateway', providers: [{ name: 'anthropic', url: 'https://api.anthropic.com' }] },
  estimate: { low: 0.019, high: 1.6, models: ['small', 'large'], pricesOf: '2026-11-22', usual: null },
  ...about,
})
test('the first able agent is taken, the sample only by its name; without one every reason is told', () => {
  const codex = agent({ name: 'codex' })
  const mine = agent({ name: 'aaa', model: { way: 'own' } })
  const sample = agent({ name: 'sample', model: { way: 'own' } })
  const keyless = agent({ usable: false, note: 'found, not used', model: { way: 'none', why: 'there is no key' } })
  const reader = agent({ name: 'reader', modes: ['plan', 'read'] })
  const choose = (agents: LookedAgent[], asked?: string): string => chooseAgent({ agents }, asked).name
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
