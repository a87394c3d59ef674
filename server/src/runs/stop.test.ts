import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor, Story, toChangeGate } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane({ leaseSeconds: 5 })
const { db } = plane.context

test("a run in a runner's hands: told by order and by its beat, and ended by the clock when it does not answer", async () => {
  const of = await workspace('acme')
  const runner = await new TestRunner(url).pair(db, of.id, 'laptop')
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  const story = await new Story(db, of.id).start(specFor(of.admin))
  const lease = (await runner.lease())!
  await runner.ack(lease)
  await runner.report(lease, 1, { type: 'started', agent: null, isolation: capabilities().isolation, resumed: false })
  expect((await of.admin.post(`/api/runs/1/cancellation`, { reason: 'enough' })).status).toBe(202)
  expect((await runner.post('/wire/orders', { done: [], waitSeconds: 0 })).body.orders).toEqual([
    expect.objectContaining({ order: 'cancel', run: story.run, lease: lease.lease, reason: 'enough' }),
  ])
  expect(
    (await runner.post(`/wire/leases/${lease.lease}/beat`, { epoch: lease.epoch, usage: null, now: null, logBytes: 0 }))
      .body.cancel,
  ).toBe('enough')
  expect((await of.admin.get('/api/board')).body.rows[0].state.words).toBe('stopping')
  await vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('cancelled'), {
    timeout: 20_000,
    interval: 200,
  })
}, 40_000)

test('a push that was approved and not begun is given to no runner after the stop, nor begun by the one that holds it', async () => {
  const of = await workspace('beta', ['payments'])
  const [sam, jess] = [
    await of.person('sam', { teams: ['payments'] }),
    await of.person('jess', { teams: ['payments'] }),
  ]
  const runner = await new TestRunner(url).pair(db, of.id, 'laptop')
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  const approved = async () => {
    const story = await atPlanGate(db, of.id, specFor(sam))
    const approve = async () => {
      const gate = await story.gate()
      await jess.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
    }
    await approve()
    await toChangeGate(story)
    await approve()
    // its work was done through the ledger: the run belongs to the runner of that play until it is moved
    await sam.post(`/api/runs/${story.run}/moves`, { runner: runner.id })
    return story
  }
  const work = (run: string) =>
    inWorkspace(db, of.id, async (tx) => (await tx.query('select key, state from vp.work where run = $1', [run])).rows)

  const waiting = await approved()
  expect(await work(waiting.run)).toMatchObject([{ state: 'ready' }])
  await sam.post(`/api/runs/${waiting.run}/cancellation`, { reason: 'wrong change' })
  expect((await waiting.state()).finished?.outcome).toBe('cancelled')
  expect(await work(waiting.run)).toEqual([])

  const leased = await approved()
  const lease = (await runner.lease())!
  expect(lease.run).toBe(leased.run)
  await runner.ack(lease)
  await sam.post(`/api/runs/${leased.run}/cancellation`, { reason: 'wrong change' })
  const told = await runner.report(lease, 1, {
    type: 'effect_started',
    intent: lease.step,
    attempt: lease.attempt,
  })
  expect(told.body).toMatchObject({ code: 'grant_invalid' })
  const state = await leased.state()
  expect(state.intents[lease.step]).toMatchObject({ action: 'git.push', state: 'approved', attempt: 0 })
  expect(await work(leased.run)).toEqual([])
}, 40_000)
