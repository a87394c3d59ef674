/** The budget belongs to the run: steps share it, nothing begins without it, and a person may grant it once more. */
import { describe, expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { budgetLeft, budgetWarnings } from './budget.ts'
import { due } from './due.ts'
import { jobOf } from './job.ts'
import { runUsage } from './state.ts'
import { Play, checks, edited, failedWith, planned, specOf, usage } from './testing/play.ts'
import type { Report } from '../wire/messages.ts'

const minute = 60_000
const took = (report: Report, millis: number, usdMicros = 0): Report =>
  report.type === 'finished' ? { ...report, millis, usage: { ...usage, usdMicros } } : report
const work = (p: Play) => due(p.state!).flatMap((one) => (one.kind === 'work' ? [one] : []))
const limits = (p: Play) => jobOf(p.state!, work(p)[0]!).limits
const asked = (p: Play) => p.state!.gates[p.openGate()]!
const start = (budget = { usd: 5 as number | null, tokens: null as number | null, seconds: 45 * 60 }) =>
  new Play().start(specOf({ budget }))
const noFaults = (p: Play) =>
  expect(checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults).toEqual([])

it('what was only reckoned counts against it for the steps that follow, and is no cost', () => {
  const p = start({ usd: 5, tokens: 100_000, seconds: 45 * 60 })
  const estimated = { tokens: 60_000, usdMicros: 4_000_000 }
  const unknown = { inputTokens: null, outputTokens: null, cachedTokens: null, usdMicros: null, estimated }
  p.begin('plan').report('plan', { ...planned, usage: { ...unknown, source: 'unavailable' } } as Report)
  p.do(p.vote('jess', 'approve'))
  expect(limits(p)).toMatchObject({ tokens: 40_000, usdMicros: 1_000_000 })
  const more = {
    type: 'failed',
    failure: failedWith('agent'),
    usage: { ...usage, estimated },
    log: null,
    millis: 1,
  } as const
  p.begin('implement').report('implement', more)
  expect(budgetLeft(p.state!)).toMatchObject({ tokens: 0, usdMicros: 0 })
  expect(runUsage(p.state!)).toMatchObject({
    usdMicros: usage.usdMicros,
    estimated: { tokens: 120_000, usdMicros: 8_000_000 },
  })
  noFaults(p)
})

describe('time', () => {
  it('is shared by all steps and attempts; waiting for a person costs none', () => {
    const p = start()
    expect(limits(p).seconds).toBe(45 * 60)
    p.begin('plan').report('plan', took(planned, 20 * minute))
    p.at += 1_000 * minute // somebody thinks
    p.at = Math.min(p.at, asked(p).expiresAt! - 1)
    p.do(p.vote('jess', 'approve'))
    expect(limits(p).seconds).toBe(25 * 60)
    p.begin('implement').report('implement', {
      type: 'failed',
      failure: failedWith('agent'),
      usage,
      log: null,
      millis: 5 * minute,
    })
    p.do(p.answer('jess', 'again'))
    expect(limits(p).seconds).toBe(20 * 60)
    p.begin('implement').report('implement', took(edited('one'), 15 * minute))
    expect(limits(p).seconds).toBe(5 * 60) // checks
  })
  it('counts attempts that parked or were lost by the clock of the control plane', () => {
    const p = start().begin('plan')
    p.at += 10 * minute
    p.do({ do: 'lose', at: p.at, step: 'plan', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
    expect(Math.round(limits(p).seconds / 60)).toBe(35)
    p.begin('plan')
    p.at += 10 * minute
    p.report('plan', { type: 'ask', ask: 'a', argv: ['npm', 'i'], cwd: '.', reason: null, question: null, choices: [] })
    p.report('plan', { type: 'parked', session: 's', usage })
    p.at += 600 * minute
    p.do(p.vote('jess', 'approve'))
    expect(Math.round(limits(p).seconds / 60)).toBe(25)
  })
  it('gone: a step that is ready does not begin, one question is asked, and the answer grants the budget once more', () => {
    const p = start()
      .begin('plan')
      .report('plan', took(planned, 45 * minute))
    p.do(p.vote('jess', 'approve'))
    expect(work(p)).toEqual([])
    expect(asked(p)).toMatchObject({
      kind: 'question',
      name: 'budget_spent',
      step: 'implement',
      subject: { text: expect.stringContaining('45 min of 45 min of work'), choices: [{ id: 'more' }, { id: 'stop' }] },
    })
    expect(
      p.try(
        p.reportOf('implement', {
          type: 'started',
          agent: null,
          isolation: p.state!.steps['plan']!.isolation!,
          resumed: false,
        }),
      ).refusal?.refusal,
    ).toBe('stale_epoch')
    p.do(p.answer('jess', 'more'))
    expect(limits(p).seconds).toBe(45 * 60)
    p.begin('implement')
    noFaults(p)
  })
  it('gone, and the person says stop: the run ends', () => {
    const p = start()
      .begin('plan')
      .report('plan', took(planned, 45 * minute))
    p.do(p.vote('jess', 'approve')).do(p.answer('jess', 'stop'))
    expect(p.state!.finished?.outcome).toBe('rejected')
    noFaults(p)
  })
})

describe('money and tokens', () => {
  it('stop an agent in the middle: the question is about the budget, and the answer lets it begin again with more', () => {
    const p = start().begin('plan').report('plan', took(planned, minute))
    p.do(p.vote('jess', 'approve')).begin('implement')
    p.report('implement', {
      type: 'failed',
      failure: failedWith('budget', 'budget_spent'),
      usage: { ...usage, usdMicros: 5_000_000 },
      log: null,
      millis: minute,
    })
    expect(asked(p)).toMatchObject({
      name: 'budget_spent',
      subject: { text: expect.stringContaining('It did not work.') },
    })
    p.do(p.answer('jess', 'more'))
    expect(limits(p)).toMatchObject({ usdMicros: 5_000_000 })
    p.begin('implement')
    noFaults(p)
  })
  it('hold agents, not the checks', () => {
    const p = start().begin('plan').report('plan', took(planned, minute))
    p.do(p.vote('jess', 'approve'))
      .begin('implement')
      .report('implement', took(edited('one'), minute, 5_000_000))
    expect(work(p).map((one) => one.work)).toEqual(['checks'])
    p.begin('verify').report('verify', checks(false))
    expect(asked(p).name).toBe('budget_spent') // the repair would be an agent's
  })
  it('do not hold what a person approved', () => {
    const p = start({ usd: 5, tokens: 15, seconds: 60 }).begin('plan').report('plan', took(planned, 0))
    p.do(p.vote('jess', 'approve')).do(p.answer('jess', 'more')).begin('implement')
    p.report('implement', took(edited('one'), 0))
      .begin('verify')
      .report('verify', took(checks(true), 200 * minute))
    p.do(p.vote('dana', 'approve'))
    expect(limits(p).seconds).toBe(60)
    p.effect('git.push')
    expect(p.state!.finished?.outcome).toBe('succeeded')
  })
})

it('warns from four fifths on', () => {
  const p = start()
    .begin('plan')
    .report('plan', took(planned, 35 * minute, 3_990_000))
  expect(budgetWarnings(p.state!)).toEqual([])
  p.do(p.vote('jess', 'approve'))
    .begin('implement')
    .report('implement', took(edited('one'), minute, 10_000))
  expect(budgetWarnings(p.state!)).toEqual([
    '80 % of the budget is used: 4.00 of 5.00 USD.',
    '80 % of the budget is used: 36 min of 45 min of work.',
  ])
  expect(budgetLeft(p.state!)).toEqual({ seconds: 9 * 60, tokens: null, usdMicros: 1_000_000 })
})

it('a state from before budgets were counted reads as nothing used', () => {
  const p = start()
  const { budgetsGranted: _, ...old } = p.state!
  const steps = Object.fromEntries(
    Object.entries(old.steps).map(([id, { workMillis: _w, beganAt: _b, ...step }]) => [id, step]),
  )
  expect(budgetLeft({ ...old, steps } as never)).toMatchObject({ seconds: 45 * 60, usdMicros: 5_000_000 })
})
