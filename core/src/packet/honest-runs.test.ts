/** Runs that went unusual ways, honestly: a verifier must not cry wolf. */
import { expect, test } from 'vitest'
import { branch, changed, checks, edited, person, planned, specOf, steps, recordedPush } from '../run/testing/play.ts'
import type { Compiled, Step } from '../workflow/compiled.ts'
import { composePacket } from './compose.ts'
import { inputOf, morning, SignedPlay } from './testing/packets.ts'
import { verdictOn } from './testing/tampered.ts'

const played = (over: Partial<Compiled> = {}): SignedPlay => {
  const play = new SignedPlay()
  play.at = morning
  return play.start(specOf(over))
}
const pushed = (name: string) => ({ ref: branch, commit: changed(name).commit, tree: changed(name).tree })
const without = (...ids: string[]): Step[] =>
  steps
    .filter((step) => !ids.includes(step.id))
    .map((step) => ({
      ...step,
      needs: step.needs.map((need) => (need === 'plan_review' ? 'plan' : need === 'pr_approval' ? 'verify' : need)),
    }))
const with_ = (id: string, change: object): Step[] =>
  steps.map((step) => (step.id === id ? ({ ...step, ...change } as Step) : step))
/** After the gate that can stop there is one whose rejection is only noted. */
const secondOpinion = (): SignedPlay => {
  const gate = steps.find((step) => step.id === 'pr_approval')!
  const second = { ...gate, id: 'second', name: 'second', needs: ['pr_approval'], onReject: 'continue' } as Step
  return played({
    steps: with_('open', { needs: ['second'] }).flatMap((step) => (step.id === gate.id ? [step, second] : [step])),
  })
}
const toChangeGate = (play: SignedPlay): SignedPlay => {
  play.begin('plan').report('plan', planned)
  play.do(play.vote('jess', 'approve'))
  return play.begin('implement').report('implement', edited('one')).begin('verify').report('verify', checks(true))
}

test.each<[string, () => SignedPlay]>([
  [
    'a workflow that asks nobody',
    () =>
      played({ steps: without('plan_review', 'pr_approval') })
        .begin('plan')
        .report('plan', planned)
        .begin('implement')
        .report('implement', edited('one'))
        .begin('verify')
        .report('verify', checks(true))
        .effect('git.push', pushed('one')),
  ],
  [
    'a push that the workflow allows',
    () => {
      const play = played({ steps: with_('implement', { commands: { allow: ['git push *'], ask: [], deny: [] } }) })
        .begin('plan')
        .report('plan', planned)
      play.do(play.vote('jess', 'approve'))
      play.begin('implement').report('implement', recordedPush())
      return play.effect('git.push', pushed('one'))
    },
  ],
  [
    'one gate that approved, and a later one that was rejected where the workflow goes on',
    () => {
      const play = toChangeGate(secondOpinion())
      play.do(play.vote('dana', 'approve')).do(play.vote('dana', 'reject', 'no'))
      const approved = Object.values(play.state!.gates).find((gate) => gate.name === 'pr_approval')!
      expect(Object.values(play.state!.intents)[0]!.gate).toBe(approved.id)
      return play.effect('git.push', pushed('one'))
    },
  ],
  [
    'a vote that was withdrawn and given again',
    () => {
      const play = toChangeGate(played())
      const gate = play.openGate()
      play
        .do(play.vote('dana', 'approve'))
        .do({ do: 'withdraw', at: play.at, gate, person: person('dana'), via: { surface: 'web', auth: 'session' } })
      return play.do(play.vote('jess', 'approve')).effect('git.push', pushed('one'))
    },
  ],
  [
    'an effect that was unknown, and found done by the next attempt',
    () => {
      const play = toChangeGate(played())
      play.do(play.vote('dana', 'approve'))
      const intent = Object.values(play.state!.intents)[0]!
      const runner = { kind: 'runner', id: 'rnr_1', name: 'laptop' } as const
      const report = (attempt: number, report: Parameters<SignedPlay['report']>[1]) =>
        play.do({ do: 'report', at: play.at, by: runner, step: intent.id, attempt, epoch: attempt, report })
      report(1, { type: 'effect_started', intent: intent.id, attempt: 1 })
      report(1, { type: 'effect_unknown', intent: intent.id, attempt: 1, why: 'the line broke' })
      report(2, { type: 'effect_started', intent: intent.id, attempt: 2 })
      report(2, {
        type: 'effect_succeeded',
        intent: intent.id,
        attempt: 2,
        reconciled: true,
        receipt: { provider: 'git', id: 'x', url: null, observed: pushed('one'), readBack: true },
      })
      return play
    },
  ],
  [
    'a runner that was lost, and a run that was stopped',
    () => {
      const play = played().begin('plan')
      play
        .do({ do: 'lose', at: play.at, step: 'plan', attempt: 1, epoch: 1, runner: 'rnr_1', why: 'no beat' })
        .begin('plan')
      return play
        .do({ do: 'cancel', at: play.at, by: { kind: 'person', id: 'usr_sam', name: 'sam' }, reason: 'enough' })
        .do({ do: 'cancelNow', at: play.at })
    },
  ],
  [
    'checks that stayed red, and a person who went on',
    () => {
      const play = played({ steps: with_('verify', { maxRounds: 0 }) })
      play.begin('plan').report('plan', planned)
      play.do(play.vote('jess', 'approve'))
      play.begin('implement').report('implement', edited('one')).begin('verify').report('verify', checks(false))
      play.do(play.answer('dana', 'continue'))
      return play.do(play.vote('dana', 'approve')).effect('git.push', pushed('one'))
    },
  ],
  [
    'a merge that a person asked for',
    () => {
      const play = toChangeGate(played())
      play.do(play.vote('dana', 'approve')).effect('git.push', pushed('one'))
      play.do(play.merge())
      return play.effect('git.merge', { ...pushed('one'), into: 'refs/heads/main' })
    },
  ],
  [
    'a gate that nobody decided in time',
    () => {
      const play = played().begin('plan').report('plan', planned)
      return play.do({ do: 'expire', at: play.at + 4_000_000, gate: play.openGate() })
    },
  ],
])('%s', async (_, run) => {
  const play = run()
  const verdict = verdictOn(await composePacket(inputOf(play)))
  expect(verdict.faults).toEqual([])
  expect(verdict.outcome).toBe('verified')
})
