/** What becomes of a change whose merge does not come about? */
import { describe, expect, it } from 'vitest'
import { automaticTries, due } from './due.ts'
import { Play, checks, edited, failedWith, planned, runner, specOf, steps } from './testing/play.ts'
import type { Report } from '../wire/messages.ts'
import type { Command } from './command.ts'
import type { Step } from '../workflow/compiled.ts'

const opened = (more: Step[] = []): Play => {
  const p = new Play()
    .start(specOf({ steps: [...steps, ...more] }))
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true))
  return p.do(p.vote('dana', 'approve')).effect('git.push')
}
const abandon = (p: Play): Command => ({
  do: 'abandon',
  at: p.at,
  change: p.state!.change!.id,
  by: { kind: 'person', id: 'usr_jess', name: '@jess' },
  why: '',
})
const merges = (p: Play) => Object.values(p.state!.intents).filter((i) => i.action === 'git.merge')
/** What the runner says about the last merge. */
const ends = (p: Play, report: (about: { intent: string; attempt: number }) => Report): Play => {
  const { id, attempt } = merges(p).at(-1)!
  const about = { intent: id, attempt: attempt + 1 }
  const send = (one: Report) =>
    p.do({ do: 'report', at: p.at, by: runner, step: id, attempt: about.attempt, epoch: about.attempt, report: one })
  send({ type: 'effect_started', ...about })
  expect(p.state!.change!.state).toBe('merging')
  return send(report(about))
}
const conflict = (p: Play) =>
  ends(p, (about) => ({ type: 'effect_failed', ...about, failure: failedWith('effect', 'merge_conflict') }))
const failure = { summary: 'It did not work.', check: 'Look at it.' }

describe('a merge that a person asked for', () => {
  it('leaves the change open with the reason when it fails, so that it can be merged', () => {
    const p = opened()
    p.do(p.merge())
    expect(p.try(p.merge()).refusal?.facts).toEqual({ state: 'merging' })
    conflict(p)
    expect(p.state!.change).toMatchObject({ state: 'open', failure })
    p.do(p.merge())
    expect(p.state!.change).toMatchObject({ state: 'merging', failure: null })
    expect(new Set(merges(p).map((i) => i.key)).size).toBe(2)
    p.effect('git.merge')
    expect(p.state!.change).toMatchObject({ state: 'merged', failure: null })
  })
  it('leaves the change open when it fails, so that it can be closed', () => {
    const p = opened()
    p.do(p.merge())
    conflict(p).do(abandon(p))
    expect(p.state!.change!.state).toBe('abandoned')
  })
  it('leaves the change open when nobody can say whether it happened', () => {
    const p = opened()
    p.do(p.merge())
    for (let n = 1; n <= automaticTries; n++)
      ends(p, (about) => ({ type: 'effect_unknown', ...about, why: 'no route' }))
    expect(p.state!.change).toMatchObject({ state: 'open', failure: { summary: expect.stringContaining('no route') } })
    expect(due(p.state!)).toEqual([])
    p.do(p.merge()).effect('git.merge')
    expect(p.state!.change!.state).toBe('merged')
  })
})

describe('a merge that the workflow does', () => {
  const step: Step = { kind: 'action', id: 'merge', needs: ['open'], action: 'git.merge', of: 'implement', params: {} }
  it('asks when it fails, also where the step is called merge, and the answer merges', () => {
    const p = opened([step])
    expect(p.try(p.merge()).refusal?.facts).toEqual({ state: 'merging' })
    expect(p.try(abandon(p)).refusal?.facts).toEqual({ state: 'merging' })
    conflict(p)
    expect(p.state!.change).toMatchObject({ state: 'open', failure })
    p.do(p.answer('jess', 'again'))
    expect(p.try(p.merge()).refusal?.facts).toEqual({ state: 'merging' })
    p.effect('git.merge')
    expect(p.state!).toMatchObject({ change: { state: 'merged' }, finished: { outcome: 'succeeded' } })
  })
  it('is done when a person merged it meanwhile', () => {
    const p = opened([step])
    conflict(p).do(p.merge()).effect('git.merge')
    expect(p.state!).toMatchObject({ change: { state: 'merged' }, finished: { outcome: 'succeeded' } })
    expect(merges(p)).toHaveLength(2)
  })
  it('is not tried again on a change that a person closed', () => {
    const p = opened([step])
    conflict(p).do(abandon(p))
    expect(p.state!.finished).toMatchObject({ outcome: 'rejected', why: expect.stringContaining('closed') })
  })
})
