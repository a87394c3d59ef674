import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'
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
