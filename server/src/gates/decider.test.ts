/** Who somebody is to a gate is read when they decide: who has left holds nothing, and who owns a runner that worked on the run cannot move that away. */
import { expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { TestRunner } from '../wire/testing/known-runner.ts'
import { isolation, planned, steps } from '@viewportai/core/run/testing/play'
import { decideGate, withdrawVote } from './decide.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const sam = await acme.person('sam', { teams: ['payments'] })
const jess = await acme.person('jess', { teams: ['payments'] })
const via = { surface: 'web', auth: 'session' } as const
const approve = (digest: string) => ({ verdict: 'approve' as const, digest, comment: null, lines: [], answer: null })

test('a request that was let in before its author left decides nothing after', async () => {
  const lee = await acme.person('lee', { teams: ['payments'] })
  const story = await atPlanGate(db, acme.id, specFor(sam))
  const gate = await story.gate()
  const voter = { workspace: acme.id, person: lee.id, name: 'lee', via }
  await acme.admin.put(`/api/people/${lee.id}`, { active: false })
  expect(await decideGate(db, voter, gate.id, approve(gate.digest))).toMatchObject({ refusal: 'not_an_approver' })
  expect(await withdrawVote(db, voter, gate.id)).toMatchObject({ refusal: 'nothing_to_withdraw' })
  expect((await story.gate()).votes).toEqual([])
})

test('the owner of a runner that worked on the run stays left out when the run is moved to another runner', async () => {
  const mine = await new TestRunner(url).pair(db, acme.id, 'mine', 'owned')
  const other = await pairedRunner(db, acme.id, { name: 'other', pool: 'owned' })
  await inWorkspace(db, acme.id, (tx) =>
    tx.query('update vp.runners set owner = $3 where workspace = $1 and runner = $2', [acme.id, mine.id, jess.id]),
  )
  const spec = specFor(sam, {
    steps: steps.map((one) =>
      one.id === 'plan_review' ? { ...one, exclude: ['requester', 'runner_owner'] } : one,
    ) as typeof steps,
  })
  const story = await new Story(db, acme.id).start({ ...spec, pins: { ...specOf().pins, ...spec.pins, pool: 'owned' } })
  const lease = (await mine.lease())!
  await mine.report(lease, 1, { type: 'started', agent: null, isolation, resumed: false }, planned)
  const gate = await story.gate()
  const vote = () => jess.post(`/api/gates/${gate.id}/decisions`, approve(gate.digest))
  // Beside jess's own runner: a gate whose run another runner works on waits for jess, and is counted.
  const free = await atPlanGate(db, acme.id, { ...spec, pins: { ...specOf().pins, ...spec.pins } })
  const inbox = async () => {
    const { open, total } = (await jess.get('/api/inbox')).body
    expect(open.map((one: { gate: string }) => one.gate)).toContain((await free.gate()).id)
    expect(total).toBe(open.length)
    expect((await jess.get('/api/board')).body.counts.yours).toBe(total)
    return open.map((one: { gate: string }) => one.gate)
  }
  expect((await vote()).body.code).toBe('excluded_approver')
  expect(await inbox()).not.toContain(gate.id)
  const voters = async () => (await sam.get(`/api/gates/${gate.id}`)).body.voters
  expect(await voters()).toBe(0)
  expect((await jess.post(`/api/runs/${story.run}/moves`, { runner: other })).status).toBeLessThan(300)
  expect((await vote()).body).toMatchObject({
    code: 'excluded_approver',
    detail: expect.stringContaining('owns the runner'),
  })
  expect(await inbox()).not.toContain(gate.id)
  expect(await voters()).toBe(0) // nobody is told that jess could vote
})
