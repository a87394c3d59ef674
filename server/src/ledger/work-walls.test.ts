/** Behind which wall does work wait for a runner: what outside text may steer, and what must reach nobody, behind a sandbox at least. */
import { expect, test } from 'vitest'
import { Play, edited, planned, specOf } from '@viewportai/core/run/testing/play'
import type { RunSpec } from '@viewportai/core/run/spec'
import { workRows } from './reading.ts'

type Isolation = RunSpec['workflow']['compiled']['runner']['isolation']
const spec = (isolation: Isolation, agent = 'claude'): RunSpec => {
  const of = specOf({ runner: { pool: null, isolation, requires: [] } })
  return { ...of, pins: { ...of.pins, agents: { plan: agent, implement: agent } } }
}
const starts = (of: RunSpec, tainted = false): Play => {
  const p = new Play()
  return p.do({
    do: 'start',
    at: p.at,
    by: { kind: 'person', id: 'usr_sam', name: 'sam' },
    run: 'run_abcdefghjkmnpqrstvwx',
    number: 1,
    spec: of,
    delivery: null,
    tainted,
  })
}
const walls = (p: Play): (readonly [string, string | null])[] =>
  workRows(p.state!).map(({ step, isolation }) => [step, isolation])
const rehearsed = (of: RunSpec): RunSpec => ({ ...of, rehearsal: 'linear.issue-assigned' })
const byWebhook = (of: RunSpec): RunSpec => ({
  ...of,
  event: { ...of.event, tool: 'webhook', event: 'received', outsideText: true },
})

test.each<[string, RunSpec, boolean, Isolation]>([
  ['work of a member', spec(null), false, null],
  ['a rehearsal', rehearsed(spec(null)), false, 'sandbox'],
  ['a rehearsal with less of a wall', rehearsed(spec('user')), false, 'sandbox'],
  ['a rehearsal in a container', rehearsed(spec('container')), false, 'container'],
  ['a rehearsal with the agent of the sample, which reaches nobody', rehearsed(spec(null, 'sample')), false, null],
  ['outside text', spec('user'), true, 'sandbox'],
  ['what a webhook told, before its plan is approved', byWebhook(spec('sandbox')), true, 'sandbox'],
])('%s', (_, of, tainted, wall) => expect(walls(starts(of, tainted))).toEqual([['plan', wall]]))

test('what a webhook told is behind the wall of its workflow once its plan is approved', () => {
  const p = starts(byWebhook(spec('container')), true)
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve'))
  expect(walls(p)).toEqual([['implement', 'container']])
})

test('the checks of a rehearsal are behind a sandbox, whoever made what they check', () => {
  const p = starts(rehearsed(spec(null, 'sample')))
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  expect(walls(p)).toEqual([['verify', 'sandbox']])
})
