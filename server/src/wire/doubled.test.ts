/** The key of a runner is copied to a second machine: the one that was overtaken is refused, and people hear of it (T33). */
import { beforeAll, expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities, started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let count = 0
beforeAll(async () => void (at = await testPlane()))

/** Another program with the same key, as a copy of its home folder has it. */
const copyOf = async (runner: TestRunner, instance: string): Promise<TestRunner> => {
  const copy = new TestRunner(at.url)
  Object.assign(copy, { keys: runner.keys, jwk: runner.jwk, id: runner.id, instance })
  await copy.login()
  return copy
}
const hello = (runner: TestRunner, holding: object[] = []) =>
  runner.post('/wire/hello', { capabilities: capabilities(), holding })
const orders = (runner: TestRunner) => runner.post('/wire/orders', { done: [], waitSeconds: 0 })
const alarm = async (of: TestWorkspace) => (await of.admin.get('/api/runners')).body.runners[0].doubled
const facts = (of: TestWorkspace) =>
  inWorkspace(at.plane.context.db, of.id, async (tx) =>
    (
      await tx.query<{ type: string }>(
        `select type from vp.facts where workspace = $1 and type in ('runner.doubled', 'runner.alarm_closed') order by position`,
        [of.id],
      )
    ).rows.map((row) => row.type),
  )
const pair = async () => {
  const acme = await at.workspace(`doubled${++count}`, ['payments'])
  const runner = await new TestRunner(at.url).pair(at.plane.context.db, acme.id, 'laptop')
  return { acme, first: await copyOf(runner, 'first'), runner }
}

test('of two programs with one key the one that came online last works; the other is refused in all it does, and an admin sees it', async () => {
  const { acme, first, runner } = await pair()
  await hello(first)
  const story = await new Story(at.plane.context.db, acme.id).start(specOf())
  const lease = (await first.lease())!
  await first.report(lease, 1, started)
  expect(await alarm(acme)).toBeNull()
  const second = await copyOf(runner, 'second')
  expect((await hello(second)).status).toBe(200)
  expect((await story.state()).steps['plan']!.status).toBe('lost') // it does not hold it
  const refused = [
    await orders(first),
    await first.post('/wire/leases', { request: 'r', waitSeconds: 0, freeSlots: 1 }),
    await first.ack(lease),
    await first.report(lease, 2, started),
    await first.post(`/wire/leases/${lease.lease}/beat`, { epoch: lease.epoch, usage: null, now: null, logBytes: 0 }),
    await hello(first, [{ lease: lease.lease, epoch: lease.epoch }]), // it does not come back by saying hello again
  ]
  for (const said of refused) expect([said.status, said.body.code]).toEqual([409, 'runner_doubled'])
  expect(await second.lease()).toMatchObject({ run: story.run })
  expect(await alarm(acme)).toMatchObject({ why: expect.stringContaining('127.0.0.1'), at: expect.any(Number) })
  expect(await facts(acme)).toEqual(['runner.doubled']) // once, however often it calls
})

test('an alarm that was looked after is closed, and comes back when the other program goes on', async () => {
  const { acme, first, runner } = await pair()
  await hello(first)
  await hello(await copyOf(runner, 'second'))
  await orders(first)
  const [{ id }] = (await acme.admin.get('/api/runners')).body.runners
  const member = await acme.person('member')
  expect((await member.put(`/api/runners/${id}`, { lookedAfter: true })).status).toBe(403)
  expect((await acme.admin.put(`/api/runners/${id}`, { lookedAfter: true })).body.doubled).toBeNull()
  expect(await facts(acme)).toEqual(['runner.doubled', 'runner.alarm_closed'])
  await orders(first)
  expect(await alarm(acme)).not.toBeNull()
})

test('a program that starts again and again, changes and gets new tokens raises no alarm', async () => {
  const { acme, first, runner } = await pair()
  await hello(first)
  for (let n = 0; n < 12; n++) {
    const again = await copyOf(runner, `start-${n}`)
    expect((await hello(again)).status).toBe(200)
    expect((await hello(again)).status).toBe(200) // its capabilities changed
    await again.login() // its token was renewed
    expect((await orders(again)).status).toBe(200)
  }
  expect(await alarm(acme)).toBeNull()
})

test('a copy that never says hello is refused at its first call', async () => {
  const { acme, first, runner } = await pair()
  await hello(first)
  const thief = await copyOf(runner, 'thief')
  await new Story(at.plane.context.db, acme.id).start(specOf())
  expect((await thief.post('/wire/leases', { request: 'r', waitSeconds: 0, freeSlots: 1 })).body.code).toBe(
    'runner_doubled',
  )
  expect(await alarm(acme)).not.toBeNull()
  expect(await first.lease()).not.toBeNull() // the one that works goes on
})
