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
const told = (facts: Fact[]): string[] => timeline(facts, {}).map((item) => item.bold + item.rest)

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
  expect(timeline([opened('plan', 1)], {})[0]!.evidence).toBe(
    'The workflow asks before the plan is carried out. Digest aaaaaa…beef.',
  )
})
