/** What may still leave a run that was stopped? */
import { describe, expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { due } from './due.ts'
import { evolve } from './evolve.ts'
import { jobOf } from './job.ts'
import { Play, checks, edited, failedWith, planned, runner, usage, recordedPush } from './testing/play.ts'
import type { Command } from './command.ts'
import type { Fact } from './facts.ts'
import type { RunState } from './state.ts'

const approved = (): Play => {
  const p = new Play().start().begin('plan').report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true))
  return p.do(p.vote('dana', 'approve'))
}
const cancel = (p: Play): Play =>
  p.do({ do: 'cancel', at: p.at, by: { kind: 'person', id: 'usr_sam', name: '@sam' }, reason: '' })
const push = (p: Play) => Object.values(p.state!.intents).find((i) => i.action === 'git.push')!
const send = (p: Play, attempt: number): Command => ({
  do: 'report',
  at: p.at,
  by: runner,
  step: push(p).id,
  attempt,
  epoch: attempt,
  report: { type: 'effect_started', intent: push(p).id, attempt },
})
const lost = (p: Play, attempt: number): Command => ({
  do: 'lose',
  at: p.at,
  step: push(p).id,
  attempt,
  epoch: attempt,
  runner: 'rnr_1',
  why: 'no beat',
})
const work = (p: Play) => due(p.state!).flatMap((one) => (one.kind === 'work' ? [one] : []))
const faults = (facts: readonly Fact[]) => checkStory(facts.map((fact) => ({ fact, text: '', hash: '' }))).faults

describe('an approved push that has not begun', () => {
  it.each([
    ['stopped', (p: Play) => cancel(p)],
    ['stopped by the clock', (p: Play) => cancel(p).do({ do: 'cancelNow', at: p.at })],
  ])('is neither due nor begun once the run is %s', (_, stop) => {
    const p = approved()
    expect(work(p)).toHaveLength(1)
    stop(p)
    expect(work(p)).toEqual([])
    const late = p.try(send(p, 1))
    expect(late.refusal?.refusal).toBe('grant_invalid')
    expect(late.facts).toMatchObject([{ type: 'refusal.recorded', data: { code: 'effect_refused' } }])
    expect(push(p)).toMatchObject({ state: 'approved', attempt: 0 })
    expect(faults(p.facts)).toEqual([])
  })
  it('is not begun by a runner that refuses it after the stop', () => {
    const p = cancel(approved())
    p.do({
      do: 'refuseWork',
      at: p.at,
      by: runner,
      step: push(p).id,
      attempt: 1,
      epoch: 1,
      failure: failedWith('policy'),
    })
    expect(push(p)).toMatchObject({ state: 'approved', attempt: 0 })
  })
})

describe('a push that had begun', () => {
  it('is only looked for: it may turn out to be there, it is not done any more', () => {
    const p = approved()
    p.do(send(p, 1)).do(lost(p, 1))
    expect(jobOf(p.state!, work(p)[0]!)).not.toHaveProperty('lookOnly')
    cancel(p)
    expect(p.state!.finished?.outcome).toBe('cancelled')
    expect(jobOf(p.state!, work(p)[0]!)).toMatchObject({ kind: 'effect', lookOnly: true })
    p.effect('git.push')
    expect(push(p).state).toBe('succeeded')
    expect(faults(p.facts)).toEqual([])
  })
  it('ends as it turns out when the stop came while it was under way', () => {
    const p = approved()
    p.do(send(p, 1))
    cancel(p)
    expect(p.state!.finished).toBeNull()
    expect(work(p)).toEqual([])
  })
})

it('a change that is open can still be merged by a person after its run was stopped', () => {
  const p = approved()
  p.effect('git.push')
  p.do(p.merge())
  expect(jobOf(p.state!, work(p)[0]!)).not.toHaveProperty('lookOnly')
  p.effect('git.merge')
  expect(p.state!.change!.state).toBe('merged')
})

it('whoever reads the packet sees an effect that began after the stop', () => {
  const p = approved()
  cancel(p)
  const began = [{ type: 'effect.started', by: runner, data: { intent: push(p).id, attempt: 1, epoch: 1 } }] as const
  let state: RunState = p.state!
  const facts = [...p.facts]
  for (const draft of began) {
    const fact = { v: 1, run: state.run, seq: state.seq + 1, at: p.at, ...draft } as Fact
    state = evolve(state, fact)
    facts.push(fact)
  }
  expect(faults(facts)).toMatchObject([{ code: 'began_after_stop' }])
})

describe('a gate that is open when its run ends', () => {
  it('closes with it: nobody is asked for a run that is over', () => {
    const p = new Play().start().begin('plan').report('plan', planned)
    p.do(p.vote('jess', 'approve')).begin('implement')
    p.report('implement', recordedPush())
    p.report('implement', { type: 'failed', failure: failedWith('agent'), usage, log: null, millis: 1 })
    const gates = Object.values(p.state!.gates).filter((gate) => gate.state === 'open')
    expect(gates.map((gate) => gate.kind).sort()).toEqual(['command', 'question'])
    p.do(p.answer('dana', 'stop', null, gates.find((gate) => gate.kind === 'question')!.id))
    expect(p.state!.finished).toMatchObject({ outcome: 'rejected' })
    expect(Object.values(p.state!.gates).filter((gate) => gate.state === 'open')).toEqual([])
    expect(p.facts.slice(-2).map((fact) => fact.type)).toEqual(['gate.closed', 'run.finished'])
    expect(due(p.state!)).toEqual([])
    expect(faults(p.facts)).toEqual([])
  })
})
