import { describe, expect, it } from 'vitest'
import { openActionFor } from './action-step.ts'
import { due } from './due.ts'
import { evolve } from './evolve.ts'
import { factText, readFact } from './facts.ts'
import { jobOf } from './job.ts'
import {
  Play,
  changed,
  checks,
  edited,
  branch,
  isolation,
  person,
  planned,
  runId,
  runner,
  specOf,
  steps,
  usage,
  recordedPush,
} from './testing/play.ts'
import type { Report } from '../wire/messages.ts'
import type { Command } from './command.ts'
import type { RunSpec } from './spec.ts'
import type { RunState } from './state.ts'

const toPlanGate = () => new Play().start().begin('plan').report('plan', planned)
const toImplement = () => {
  const p = toPlanGate()
  return p.do(p.vote('jess', 'approve'))
}
const toChangeGate = () =>
  toImplement().begin('implement').report('implement', edited('one')).begin('verify').report('verify', checks(true))
const work = (p: Play) => due(p.state!).flatMap((d) => (d.kind === 'work' ? [d.key] : []))
const push = (text: string, ref = branch): Report => ({ ...recordedPush(text), ref })

describe('the whole way', () => {
  it('goes from a start to an opened change with one push', () => {
    const p = toChangeGate()
    p.do(p.vote('dana', 'approve'))
    expect(work(p)).toHaveLength(1)
    p.effect('git.push')
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    expect(p.state!.change).toMatchObject({ state: 'open', ref: branch })
    expect(p.facts.filter((f) => f.type === 'effect.succeeded')).toHaveLength(2)
  })
  it('asks a runner for exactly what is ready', () => {
    const p = new Play().start()
    expect(work(p)).toEqual(['plan:1'])
    p.begin('plan')
    expect(work(p)).toEqual([])
    p.report('plan', planned)
    expect(due(p.state!).map((d) => d.kind)).toEqual(['gate'])
  })
  it('merges an opened change on a person’s word, once', () => {
    const p = toChangeGate()
    p.do(p.vote('dana', 'approve')).effect('git.push')
    const merge = p.merge()
    expect(p.try({ ...merge, digest: 'f'.repeat(64) }).refusal?.refusal).toBe('gate_drifted')
    expect(p.try({ ...merge, person: person('eve', []) }).refusal?.refusal).toBe('not_an_approver')
    p.do(merge)
    expect(p.try(merge).refusal?.refusal).toBe('change_not_open')
    p.effect('git.merge')
    expect(p.state!.change).toMatchObject({ state: 'merged' })
  })
})

describe('what the workflow writes about its actions', () => {
  const withAction = (params: Record<string, unknown>) =>
    new Play()
      .start(specOf({ steps: steps.map((s) => (s.kind === 'action' ? { ...s, params } : s)) }))
      .begin('plan')
      .report('plan', planned)
  const opened = (params: Record<string, unknown>) => {
    const p = withAction(params)
    p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one')).begin('verify')
    p.report('verify', checks(true))
    p.do(p.vote('dana', 'approve'))
    return p
  }
  it('is followed: title from its template, target branch', () => {
    const p = opened({ title: 'Fix: {{ run.title }} ({{ trigger.label }})', into: 'release' }).effect('git.push')
    expect(p.state!.change).toMatchObject({ into: 'refs/heads/release', title: 'Fix: Prices are wrong (BUG-1)' })
  })
  it.each([
    [{ repo: 'acme/other' }, /acme\/other/],
    [{ into: 7 }, /into/],
    [{ intoo: 'main' }, /intoo/],
  ])('ends the run when it cannot be: %j', (params, words) => {
    const p = opened(params)
    expect(p.state!.finished).toMatchObject({ outcome: 'failed', why: expect.stringMatching(words) })
    expect(Object.keys(p.state!.intents)).toEqual([])
  })
})

describe('gates', () => {
  it('sends the agent back with the comment, opens again on the new digest, refuses the old one', () => {
    const p = toChangeGate()
    const old = p.vote('dana', 'approve')
    p.do(p.vote('dana', 'request_changes', 'Derive the key from the order.'))
    expect(p.state!.steps['implement']).toMatchObject({
      status: 'open',
      round: 2,
      feedback: [{ text: 'Derive the key from the order.' }],
    })
    const job = jobOf(
      p.state!,
      due(p.state!).find((d) => d.kind === 'work')!,
    )
    expect(job).toMatchObject({ kind: 'agent', resume: { session: 's2' }, start: { tree: changed('one').tree } })
    expect(p.try(old).refusal?.refusal).toBe('gate_closed')
    p.begin('implement').report('implement', edited('two')).begin('verify').report('verify', checks(true))
    expect(p.state!.gates[p.openGate()]!.round).toBe(2)
    const stale = { ...p.vote('dana', 'approve'), digest: (old as { digest: string }).digest }
    expect(p.try(stale).refusal?.refusal).toBe('gate_drifted')
    expect(p.facts.at(-1)?.type).toBe('decision.refused')
  })
  it('asks a person when the rounds are used up', () => {
    const p = toChangeGate()
    for (let i = 0; i < 2; i++)
      p.do(p.vote('dana', 'request_changes', 'again'))
        .begin('implement')
        .report('implement', edited(`r${i}`))
        .begin('verify')
        .report('verify', checks(true))
    p.do(p.vote('dana', 'request_changes', 'again'))
    expect(p.state!.gates[p.openGate()]!.name).toBe('rounds')
    p.do(p.answer('jess', 'revise', 'one last time'))
    expect(p.state!.steps['implement']!.round).toBe(4)
  })
  it.each([
    ['the requester', 'sam', ['team:payments'], 'excluded_approver'],
    ['a stranger', 'eve', [], 'not_an_approver'],
    ['a person of another team', 'eve', ['team:other'], 'not_an_approver'],
  ])('refuses %s', (_, name, principals, code) => {
    const p = toPlanGate()
    expect(p.try({ ...p.vote(name, 'approve'), person: person(name, principals) } as never).refusal?.refusal).toBe(code)
  })
  it('counts one person once and needs as many as asked', () => {
    const two = steps.map((s) => (s.id === 'plan_review' ? { ...s, required: 2 } : s)) as typeof steps
    const p = new Play()
      .start(specOf({ steps: two }))
      .begin('plan')
      .report('plan', planned)
    p.do(p.vote('jess', 'approve'))
    expect(p.try(p.vote('jess', 'approve')).refusal?.refusal).toBe('already_voted')
    expect(p.state!.steps['plan_review']!.status).toBe('waiting')
    p.do(p.vote('dana', 'approve'))
    expect(p.state!.steps['plan_review']!.status).toBe('done')
  })
  it('never approves by time', () => {
    const p = toPlanGate()
    const gate = p.openGate()
    p.do({ do: 'expire', at: p.at, gate })
    expect(p.state!.finished).toBeNull()
    const late = { ...p.vote('jess', 'approve'), at: p.at + 3_600_000 }
    expect(p.try(late as never).refusal?.refusal).toBe('gate_expired')
    p.do({ do: 'expire', at: p.at + 3_600_000, gate })
    expect(p.state!.finished).toMatchObject({ outcome: 'rejected' })
  })
  it('protected paths need one approver more', () => {
    const p = toImplement()
      .begin('implement')
      .report('implement', edited('ci', ['.github/workflows/ci.yml']))
      .begin('verify')
      .report('verify', checks(true))
    expect(p.state!.gates[p.openGate()]!.required).toBe(2)
  })
  it('lets a vote be withdrawn until its effect begins', () => {
    const p = toChangeGate()
    const gate = p.openGate()
    p.do(p.vote('dana', 'approve'))
    p.do({ do: 'withdraw', at: p.at, gate, person: person('dana'), via: { surface: 'web', auth: 'session' } })
    expect(p.state!.gates[gate]!.state).toBe('open')
    expect(work(p)).toEqual([])
    p.do(p.vote('dana', 'approve')).effect('git.push')
    expect(
      p.try({ do: 'withdraw', at: p.at, gate, person: person('dana'), via: { surface: 'web', auth: 'session' } })
        .refusal?.refusal,
    ).toBe('nothing_to_withdraw')
  })
})

it('a vote stays when what rests on it has begun', () => {
  const p = toPlanGate()
  const withdraw = {
    do: 'withdraw',
    at: p.at,
    gate: p.openGate(),
    person: person('jess'),
    via: { surface: 'web', auth: 'session' },
  } as const
  p.do(p.vote('jess', 'approve')).begin('implement')
  expect(p.try(withdraw).refusal?.refusal).toBe('nothing_to_withdraw')
})

it('publishes nothing that is not the approved change, even when the state says otherwise', () => {
  const p = toChangeGate()
  p.do(p.vote('dana', 'approve'))
  const swapped = {
    ...p.state!,
    intents: {},
    steps: {
      ...p.state!.steps,
      implement: {
        ...p.state!.steps['implement']!,
        result:
          edited('swapped').type === 'finished'
            ? (edited('swapped') as Extract<ReturnType<typeof edited>, { type: 'finished' }>).result
            : null,
      },
      open: { ...p.state!.steps['open']!, status: 'open' as const },
    },
  }
  const action = steps.find((s) => s.kind === 'action')!
  expect(openActionFor(swapped, action, p.at)).toMatchObject([{ type: 'run.finished', data: { outcome: 'failed' } }])
})

describe('pushes and asks', () => {
  it('a recorded push asks, and the push a person approved and the later action are one effect', () => {
    const p = toImplement().begin('implement').report('implement', push('one')).report('implement', edited('one'))
    expect(work(p)).toEqual([]) // held by the command gate
    p.do(p.vote('jess', 'approve'))
    p.effect('git.push').begin('verify').report('verify', checks(true))
    p.do(p.vote('dana', 'approve'))
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(Object.values(p.state!.intents).filter((i) => i.action === 'git.push')).toHaveLength(1)
  })
  it('a rejected push is dropped and the run goes on', () => {
    const p = toImplement().begin('implement').report('implement', push('one')).report('implement', edited('one'))
    p.do(p.vote('jess', 'reject'))
    expect(work(p)).toEqual(['verify:1'])
  })
  it('refuses another ref and collapses the same push', () => {
    const p = toImplement().begin('implement').report('implement', push('one', 'refs/heads/main'))
    expect(p.facts.at(-1)).toMatchObject({ type: 'refusal.recorded', data: { code: 'push_refused' } })
    p.report('implement', push('one')).report('implement', push('one'))
    expect(Object.values(p.state!.gates).filter((g) => g.kind === 'command')).toHaveLength(1)
  })
  it('parks on a blocking ask and resumes with the answer', () => {
    const p = toImplement().begin('implement')
    p.report('implement', {
      type: 'ask',
      ask: 'a1',
      argv: ['npm', 'install', 'x'],
      cwd: '.',
      reason: null,
      question: null,
      choices: [],
    }).report('implement', { type: 'parked', session: 's9', usage })
    expect(work(p)).toEqual([])
    p.do(p.vote('jess', 'reject', 'no new dependencies'))
    const job = jobOf(
      p.state!,
      due(p.state!).find((d) => d.kind === 'work')!,
    )
    expect(job).toMatchObject({
      resume: { session: 's9', answers: [{ ask: 'a1', allow: false, text: 'no new dependencies' }] },
    })
  })
  it('a flood of asks trips the breaker', () => {
    const p = toImplement().begin('implement')
    for (let i = 0; i < 500; i++)
      p.report('implement', {
        type: 'ask',
        ask: `a${i}`,
        argv: ['x', String(i)],
        cwd: '.',
        reason: null,
        question: null,
        choices: [],
      })
    expect(Object.values(p.state!.gates).filter((g) => g.kind === 'command')).toHaveLength(20)
  })
})

describe('checks', () => {
  it('repairs in bounded rounds, then asks', () => {
    const p = toImplement().begin('implement').report('implement', edited('one'))
    for (let round = 1; round <= 2; round++) {
      p.begin('verify').report('verify', checks(false, round))
      expect(p.state!.steps['implement']!.status).toBe('open')
      p.begin('implement').report('implement', edited(`fix ${round}`))
    }
    p.begin('verify').report('verify', checks(false, 3))
    expect(p.state!.gates[p.openGate()]!.name).toBe('checks_failed')
    p.do(p.answer('jess', 'stop'))
    expect(p.state!.finished?.outcome).toBe('rejected')
  })
  it('asks which command proves the change where none is declared', () => {
    const p = toImplement()
      .begin('implement')
      .report('implement', edited('one'))
      .begin('verify')
      .report('verify', checks(false, 1, false))
    expect(p.try(p.answer('jess', 'command')).refusal?.refusal).toBe('answer_required')
    p.do(p.answer('jess', 'command', 'make check'))
    expect(
      jobOf(
        p.state!,
        due(p.state!).find((d) => d.kind === 'work')!,
      ),
    ).toMatchObject({ kind: 'checks', commands: ['make check'] })
  })
})

describe('loss, lateness, stopping', () => {
  it('takes a restartable step up again and asks about another', () => {
    const p = new Play().start().begin('plan')
    p.do({ do: 'lose', at: p.at, step: 'plan', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
    expect(work(p)).toEqual(['plan:2'])
    p.begin('plan').report('plan', planned)
    p.do(p.vote('jess', 'approve')).begin('implement')
    p.do({ do: 'lose', at: p.at, step: 'implement', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
    expect(work(p)).toEqual([])
    p.do(p.answer('dana', 'again'))
    expect(work(p)).toEqual(['implement:2'])
  })
  it('refuses a late report and keeps it as evidence', () => {
    const p = new Play().start().begin('plan')
    p.do({ do: 'lose', at: p.at, step: 'plan', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
    const late = p.try(p.reportOf('plan', planned, { attempt: 1, epoch: 1 }))
    expect(late.refusal?.refusal).toBe('stale_epoch')
    expect(late.facts).toMatchObject([{ type: 'refusal.recorded' }])
  })
  it('refuses the first attempt when the second one runs', () => {
    const p = new Play().start().begin('plan')
    p.do({ do: 'lose', at: p.at, step: 'plan', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' }).begin('plan')
    expect(p.try(p.reportOf('plan', planned, { attempt: 1, epoch: 1 })).refusal?.refusal).toBe('stale_epoch')
    expect(p.try(p.reportOf('plan', planned, { attempt: 2, epoch: 1 })).refusal?.refusal).toBe('stale_epoch')
    expect(p.state!.steps['plan']!.status).toBe('running')
  })
  it('an effect whose runner was lost is looked up, never begun twice', () => {
    const p = toChangeGate()
    p.do(p.vote('dana', 'approve'))
    const intent = Object.values(p.state!.intents)[0]!
    const send = (attempt: number) =>
      ({
        do: 'report',
        at: p.at,
        by: runner,
        step: intent.id,
        attempt,
        epoch: attempt,
        report: { type: 'effect_started', intent: intent.id, attempt },
      }) as const
    p.do(send(1))
    expect(p.try(send(1)).refusal?.refusal).toBe('grant_invalid')
    p.do({ do: 'lose', at: p.at, step: intent.id, attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
    expect(work(p)).toEqual([`${intent.id}:2`])
    p.effect('git.push')
    expect(p.try(send(3)).refusal?.refusal).toBe('grant_used')
  })
  it('believes about an effect only who holds the lease of that very effect', () => {
    const p = toImplement().begin('implement')
    p.do(p.reportOf('implement', push('one'))).do(p.vote('jess', 'approve'))
    const intent = Object.values(p.state!.intents)[0]!
    const receipt = { provider: 'git', id: 'made up', url: null, observed: {}, readBack: true }
    const about = { intent: intent.id, attempt: 1 }
    const forged = (report: Report) => p.try(p.reportOf('implement', report))
    expect(forged({ type: 'effect_started', ...about }).refusal?.refusal).toBe('grant_invalid')
    p.do({ ...p.reportOf('implement', { type: 'effect_started', ...about }), step: intent.id } as Command)
    expect(forged({ type: 'effect_succeeded', ...about, receipt, reconciled: false }).refusal?.refusal).toBe(
      'grant_invalid',
    )
    expect(p.state!.intents[intent.id]!.state).toBe('executing')
  })
  it('stops: open gates close, running work is waited for, then cut', () => {
    const p = new Play().start().begin('plan')
    const cancel = { do: 'cancel', at: p.at, by: { kind: 'person', id: 'usr_sam', name: '@sam' }, reason: '' } as const
    p.do(cancel)
    expect(p.state!.finished).toBeNull()
    p.do({ do: 'cancelNow', at: p.at })
    expect(p.state!.finished).toMatchObject({ outcome: 'cancelled' })
    expect(p.try(p.reportOf('plan', planned)).refusal?.refusal).toBe('run_finished')
    const q = toPlanGate().do(cancel)
    expect(q.state!.finished).toMatchObject({ outcome: 'cancelled' })
  })
  it('a step that failed asks; the isolation and agent are kept', () => {
    const p = new Play()
      .start()
      .begin('plan')
      .report('plan', {
        type: 'failed',
        failure: {
          code: 'agent_exit',
          class: 'agent',
          summary: 'The agent ended with 1.',
          check: 'See the log.',
          retrySafe: true,
          started: true,
        },
        usage,
        log: null,
        millis: 1,
      })
    expect(p.state!.gates[p.openGate()]!.name).toBe('failed')
    expect(p.state!.steps['plan']!.isolation).toEqual(isolation)
    p.do(p.answer('jess', 'again'))
    expect(work(p)).toEqual(['plan:2'])
  })
})

it('every fact survives its exact text, and refolding gives the same state', () => {
  const p = toChangeGate()
  p.do(p.vote('dana', 'approve')).effect('git.push')
  let state: RunState | null = null
  for (const fact of p.facts) state = evolve(state, readFact(factText(fact)))
  expect(state).toEqual(p.state)
})

it.each<[string, (spec: RunSpec) => void, RegExp]>([
  ['a title that is too long', (spec) => (spec.event.subject.title = 'x'.repeat(301)), /^event\.subject\.title: /],
  ['a number that JSON cannot hold', (spec) => (spec.event.fields['data.n'] = Infinity), /^event\.fields\.data\.n: /],
])('a start with %s is refused: its first fact could not be read back', (_, spoil, why) => {
  const spec = structuredClone(specOf())
  spoil(spec)
  const p = new Play()
  const by = { kind: 'system' } as const
  const started = p.try({ do: 'start', at: p.at, by, run: runId, number: 1, spec, delivery: null, tainted: false })
  expect(started).toMatchObject({ facts: [], state: null, refusal: { refusal: 'run_spec_invalid' } })
  expect(started.refusal!.facts['why']).toMatch(why)
})
