/** Work that a runner cannot have, however much of it waits, keeps none from it that it can; nor does a piece that nobody can read. */
import { beforeAll, expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { explainWaiting } from './lost.ts'
import { giveOrder } from './orders.ts'
import { TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let count = 0
beforeAll(async () => void (at = await testPlane()))

const place = async () => {
  const of = await at.workspace(`acme${++count}`, ['payments'])
  const runner = await new TestRunner(at.url).pair(at.plane.context.db, of.id, 'laptop')
  return { of, runner }
}
const start = async (of: TestWorkspace): Promise<string> =>
  (await new Story(at.plane.context.db, of.id).start(specOf())).run
const change = (of: TestWorkspace, text: string, values: unknown[] = []) =>
  inWorkspace(at.plane.context.db, of.id, (tx) => tx.query(text, values))
/** Copies of a piece of work, older than it. */
const older = (of: TestWorkspace, run: string, many: number, set: string) =>
  change(
    of,
    `insert into vp.work (workspace, run, key, kind, step, attempt, pool, agent, mode, isolation, requires, repos, ready_at)
     select workspace, 'run_old' || n, key, kind, step, attempt, pool, ${set}, ready_at - 1000000 + n / 100 from vp.work, generate_series(1, $2) n where run = $1`,
    [run, many],
  )

test.each<[string, string, string?]>([
  ['an agent', `'codex', mode, isolation, requires, repos`],
  ['a way of working', `'sample', 'unheard', isolation, requires, repos`],
  ['isolation', `agent, mode, 'container', requires, repos`],
  ['a tool', `agent, mode, isolation, '{docker}', repos`],
  ['a model', `agent, mode, isolation, requires, repos`, 'no-such-model'],
])('600 older pieces that want %s which is not there hide nothing', async (_, set, model) => {
  const { of, runner } = await place()
  const run = await start(of)
  await older(of, run, 600, set)
  if (model) await change(of, 'update vp.work set model = $2 where run <> $1', [run, model])
  expect(await runner.lease()).toMatchObject({ run })
  expect(await runner.lease()).toBeNull()
})

test('every one of many that fit is given out once, oldest first', async () => {
  const { of, runner } = await place()
  const runs = [await start(of), await start(of), await start(of)]
  await older(of, runs[0]!, 40, `'codex', mode, isolation, requires, repos`)
  const got = [await runner.lease(), await runner.lease(), await runner.lease()]
  expect(got.map((lease) => lease?.run)).toEqual(runs)
  expect(await runner.lease()).toBeNull()
})

test('of all that waits is said why nobody takes it, behind 600 others too', async () => {
  const { of } = await place()
  const run = await start(of)
  await older(of, run, 600, `'codex', mode, isolation, requires, repos`)
  await change(of, 'update vp.work set ready_at = ready_at - 5000')
  await change(of, `update vp.work set agent = 'claude' where run = $1`, [run])
  expect(await explainWaiting(at.plane.context.db, of.id)).toBe(601)
  expect((await change(of, 'select why from vp.work where run = $1', [run])).rows).toEqual([
    { why: expect.stringContaining('claude') },
  ])
})

test('a run that nobody can read keeps its pool from nothing', async () => {
  const { of, runner } = await place()
  const [poison, good] = [await start(of), await start(of)]
  await change(of, `update vp.runs set state = '{}' where run = $1`, [poison])
  await change(of, `update vp.work set ready_at = 1 where run = $1`, [poison])
  expect(await runner.lease()).toMatchObject({ run: good })
  expect(await runner.lease()).toBeNull()
})

test('an overdue lease of a run that nobody can read takes no slot for ever', async () => {
  const { of } = await place()
  const runner = await new TestRunner(at.url).pair(at.plane.context.db, of.id, 'small', 'local', { slots: 1 })
  const poison = await start(of)
  expect(await runner.lease()).toMatchObject({ run: poison })
  await change(of, `update vp.runs set state = '{}' where run = $1`, [poison])
  const good = await start(of)
  expect(await runner.lease()).toBeNull() // it is full
  await change(of, `update vp.leases set expires_at = vp.now_ms() - 61000`)
  expect(await runner.lease()).toMatchObject({ run: good })
})

test('an order that cannot be read does not keep the others from their runner', async () => {
  const { of, runner } = await place()
  await inWorkspace(at.plane.context.db, of.id, async (tx) => {
    await giveOrder(tx, runner.id, { order: 'unheard of' } as never)
    await giveOrder(tx, runner.id, { order: 'drain' } as never)
  })
  const { body } = await runner.post('/wire/orders', { waitSeconds: 0, done: [] })
  expect(body.orders).toHaveLength(1)
})
