import { expect, test } from 'vitest'

import type { Fact } from '../run/facts.ts'
import { timeline } from './timeline.ts'

const dana = { kind: 'person', id: 'u_dana', name: 'Dana' } as const
const jess = { kind: 'person', id: 'u_jess', name: 'Jess' } as const
const digest = 'a'.repeat(60) + 'beef'

let seq = 0
const fact = (type: string, at: number, by: object, data: object): Fact =>
  ({ v: 1, run: 'run_1', seq: (seq += 1), at, type, by, data }) as Fact
const opened = (kind: string, required: number): Fact =>
  fact(
    'gate.opened',
    1_000,
    { kind: 'system' },
    {
      gate: 'gate_1',
      kind,
      name: 'plan_review',
      required,
      digest,
      why: 'plan_review: the workflow asks before the plan is carried out.',
      body: null,
    },
  )
const voted = (verdict: string, at: number, by: object): Fact =>
  fact('decision.made', at, by, {
    gate: 'gate_1',
    verdict,
    digest,
    comment: null,
    lines: [],
    answer: null,
    selfApproved: false,
    via: { surface: 'web', auth: 'session' },
  })
const told = (facts: Fact[]): string[] => timeline(facts, {}, {}).map((item) => item.bold + item.rest)

test('a decision says what was decided on, which vote it was and how long people had it', () => {
  expect(told([opened('plan', 1), voted('approve', 489_000, jess)])).toEqual([
    'plan_review opened',
    'Jess approved the plan after 8 min 8 s',
  ])
  expect(told([opened('change', 2), voted('approve', 3_500, dana), voted('approve', 61_000, jess)])).toEqual([
    'plan_review opened',
    'Dana approved the change, 1 of 2 after 2.5 s',
    'Jess approved the change, 2 of 2 after 1 min 0 s',
  ])
  const back = fact('decision.withdrawn', 2_000, dana, { gate: 'gate_1' })
  expect(told([opened('change', 2), voted('approve', 1_500, dana), back, voted('approve', 3_000, jess)])[3]).toBe(
    'Jess approved the change, 1 of 2 after 2.0 s',
  )
  expect(told([opened('command', 2), voted('reject', 3_500, dana)])[1]).toBe('Dana rejected the command after 2.5 s')
  expect(told([opened('change', 1), voted('request_changes', 3_500, dana)])[1]).toBe('Dana requested changes')
})

test('a question is told by what it is about, never by the name it has inside', () => {
  const asked = (name: string): string | undefined =>
    told([{ ...opened('question', 1), data: { ...opened('question', 1).data, name } } as Fact])[0]
  expect(asked('effect:int_1-1')).toBe('The run asked about an effect')
  expect(asked('tainted')).toBe('The run asked about text from outside')
  expect(asked('constructor')).toBe('constructor opened')
})

test('a decision on a gate whose opening is not among the facts says what it knows', () => {
  expect(told([voted('approve', 3_500, dana)])).toEqual(['Dana approved'])
})

test('a reminder says what is known: it reaches nobody', () =>
  expect(told([opened('plan', 1), fact('gate.reminded', 2_000, { kind: 'system' }, { gate: 'gate_1' })]).at(-1)).toBe(
    'Reminder: nobody has decided yet',
  ))

test('the reason of a gate does not repeat its name', () => {
  expect(timeline([opened('plan', 1)], {}, {})[0]!.evidence).toBe(
    'The workflow asks before the plan is carried out. Digest aaaaaa…beef.',
  )
})

const commit = '7414a9ce2b3b71fc610086ef46495d5bb0276373'
test.each([
  ['git.push', `acme/shop refs/heads/vp/go`, { ref: 'refs/heads/vp/go', commit }, 'vm pushed vp/go'],
  ['git.merge', 'acme/shop main', { ref: 'refs/heads/main', into: 'main' }, 'vm merged main'],
  [
    'github.open_pr',
    'acme/shop',
    { ref: 'acme/shop#1', number: 1, draft: false },
    'vm showed the change in acme/shop#1',
  ],
  ['gitlab.open_mr', 'a/b', { ref: 'a/b!1', number: 1, draft: true }, 'vm showed the change in a/b!1 as a draft'],
  ['github.create_issue', 'acme/shop', { ref: 'acme/shop#7', number: 7 }, 'vm created acme/shop#7'],
  ['github.report_check', 'acme/shop', { on: `acme/shop@${commit}` }, 'vm reported a check on acme/shop@7414a9ce'],
  ['linear.comment', '45474ccc', { ref: '45474ccc', key: 'PAY-1' }, 'vm commented on PAY-1'],
  ['jira.transition', '10042', { ref: '10042', key: 'PAY-1', status: 'Done' }, 'vm moved PAY-1 to Done'],
  ['linear.assign', '45474ccc', { key: 'PAY-1', assignee: 'Sam' }, 'vm assigned PAY-1 to Sam'],
  ['slack.message', '#support', { ref: 'C1/1.2', channel: '#support' }, 'vm wrote in #support'],
  ['webhook.send', 'ops', { status: 200 }, 'vm sent a webhook to ops'],
  ['of.tomorrow', 'there', {}, 'vm did of.tomorrow at there'],
])('what %s did is told by its own verb and by the name that people know', (action, target, observed, said) => {
  const vm = { kind: 'runner', id: 'r', name: 'vm' }
  const receipt = { provider: 'tool', id: 'x', url: 'https://tool.example/x', observed, readBack: true }
  const done = { intent: 'int_1', attempt: 1, receipt, reconciled: false }
  const items = (facts: Fact[]) => timeline(facts, {}, { int_1: { action, target } })
  const [item] = items([fact('effect.succeeded', 1_000, vm, done)])
  expect([item!.bold, item!.url]).toEqual([said, 'https://tool.example/x'])
})

test('an effect that begins, fails or is not known names what it is', () => {
  const intents = { int_1: { action: 'linear.transition', target: 'x' } }
  const failure = { summary: 'Linear says no.', check: 'Look there.' }
  const facts = [
    fact('effect.started', 1, { kind: 'runner', id: 'r', name: 'vm' }, { intent: 'int_1', attempt: 2, epoch: 1 }),
    fact('effect.failed', 2, { kind: 'system' }, { intent: 'int_1', attempt: 2, failure, retryable: false }),
    fact('effect.unknown', 3, { kind: 'system' }, { intent: 'int_1', attempt: 2, why: 'No answer.' }),
  ]
  expect(timeline(facts, {}, intents).map((item) => item.bold + item.rest)).toEqual([
    'vm began to move the issue, attempt 2: it looks first',
    'It failed to move the issue',
    'It tried to move the issue: whether that happened is not known',
  ])
})
