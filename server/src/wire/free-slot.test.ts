/** A runner that is full asks for work while it still reports: it gets it when its slot is free, not at the next look. */
import { beforeAll, expect, test } from 'vitest'
import { planned, specOf } from '@viewportai/core/run/testing/play'
import type { Lease } from '@viewportai/core/wire/messages'
import { testPlane, type TestPlane } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
beforeAll(async () => void (at = await testPlane()))

test.each<[string, (runner: TestRunner, lease: Lease) => Promise<unknown>]>([
  ['reported its last', (runner, lease) => runner.report(lease, 2, planned)],
  [
    'refused what it had',
    (runner, { lease, epoch }) =>
      runner.post(`/wire/leases/${lease}/refuse`, {
        epoch,
        failure: { code: 'x', class: 'policy', summary: 'x', check: 'x', retrySafe: false, started: false },
      }),
  ],
])('once it has %s', async (how, end) => {
  const { db } = at.plane.context
  const acme = await at.workspace(`acme-${how.length}`, ['payments'])
  const runner = await new TestRunner(at.url).pair(db, acme.id, 'laptop', 'local', { slots: 1 })
  for (let n = 0; n < 2; n++) await new Story(db, acme.id).start(specOf())
  const first = (await runner.lease())!
  if (how.startsWith('reported')) expect(await runner.report(first, 1, started)).toMatchObject({ status: 200 })
  const waiting = runner.post('/wire/leases', { request: 'r2', waitSeconds: 25, freeSlots: 1 })
  // It is full: a short ask gets nothing.
  expect((await runner.post('/wire/leases', { request: 'r3', waitSeconds: 0, freeSlots: 1 })).status).toBe(204)
  await end(runner, first)
  const since = Date.now()
  expect((await waiting).status).toBe(200)
  expect(Date.now() - since).toBeLessThan(3_000) // the next look would be five seconds after the first
})
