/** How a runner asks for work: again by the same request id, whatever became of the lease; and as one whose disk goes with it. */
import { beforeAll, expect, test } from 'vitest'
import { planned, specOf } from '@viewportai/core/run/testing/play'
import type { Capabilities } from '@viewportai/core/wire/messages'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { explainWaiting } from './lost.ts'
import { started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let acme: TestWorkspace
beforeAll(async () => {
  at = await testPlane()
  acme = await at.workspace('acme', ['payments'])
})

let n = 0
/** A runner of a pool of its own, and runs that wait there. */
const waiting = async (bodies: readonly ('edge' | 'stored')[], has: Partial<Capabilities> = {}, where = acme.id) => {
  const pool = `pool-${++n}`
  const { db } = at.plane.context
  const runner = await new TestRunner(at.url).pair(db, where, `runner-${n}`, pool, has)
  const spec = specOf()
  const stories: Story[] = []
  for (const home of bodies)
    stories.push(await new Story(db, where).start({ ...spec, bodies: home, pins: { ...spec.pins, pool } }))
  const ask = () => runner.post('/wire/leases', { request: 'the same', waitSeconds: 0, freeSlots: 1 })
  return { db, runner, stories, ask }
}

test('the same request after its lease ran out, before and after somebody noticed, gets work again', async () => {
  const { db, ask } = await waiting(['edge'])
  const first = await ask()
  for (const epoch of [2, 3]) {
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.leases set expires_at = 0 where workspace = $1 and run = $2', [acme.id, first.body.run]),
    )
    expect(await ask()).toMatchObject({ status: 200, body: { run: first.body.run, epoch } })
  }
})

test('after its work has ended it gets the next piece', async () => {
  const { runner, ask } = await waiting(['edge', 'edge'])
  const first = await ask()
  await runner.report(first.body, 1, started, planned)
  const second = await ask()
  expect(second.status).toBe(200)
  expect(second.body.run).not.toBe(first.body.run)
})

test('after its work has begun it gets nothing: one request is one piece of work', async () => {
  const { runner, ask } = await waiting(['edge', 'edge'])
  const first = await ask()
  expect((await ask()).body.lease).toBe(first.body.lease)
  await runner.report(first.body, 1, started)
  expect((await ask()).status).toBe(204)
})

test('asks by one request id at once all get the same lease', async () => {
  const { ask } = await waiting(Array.from({ length: 8 }, () => 'edge' as const))
  const said = await Promise.all(Array.from({ length: 8 }, ask))
  expect(said.map(({ status }) => status)).toEqual(said.map(() => 200))
  expect(new Set(said.map(({ body }) => body.lease)).size).toBe(1)
})

test('asks of one runner at once get no more than its slots', async () => {
  const { runner } = await waiting(
    Array.from({ length: 8 }, () => 'edge' as const),
    { slots: 2 },
  )
  const leases = await Promise.all(Array.from({ length: 8 }, () => runner.lease()))
  expect(leases.filter((lease) => lease !== null)).toHaveLength(2)
})

test('an ephemeral runner gets runs whose bodies are stored, and the page of another one says why', async () => {
  const alone = await at.workspace('alone', ['payments'])
  const { db, ask, stories } = await waiting(['edge', 'stored'], { mode: 'ephemeral' }, alone.id)
  const [edge, stored] = stories
  expect((await ask()).body).toMatchObject({ run: stored!.run, bodies: 'stored' })
  await inWorkspace(db, alone.id, (tx) =>
    tx.query('update vp.work set ready_at = 0 where workspace = $1 and run = $2', [alone.id, edge!.run]),
  )
  await explainWaiting(db, alone.id)
  expect(JSON.stringify((await alone.admin.get(`/api/runs/${edge!.run}`)).body)).toContain('lacks a disk that stays')
})
