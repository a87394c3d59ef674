/** When work comes a few of those who wait look, not all; nobody who could do it is forgotten. */
import { beforeAll, expect, test } from 'vitest'
import { specOf } from '@viewportai/core/run/testing/play'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { KnownRunner } from './context.ts'
import { openWorkLine } from './work-line.ts'

let at: TestPlane
let count = 0
beforeAll(async () => void (at = await testPlane()))

/** Askers of a pool that look when they are woken, and say what `finds` says. */
const line = async (many: number, finds: (n: number) => boolean) => {
  const of = await at.workspace(`line${++count}`, ['payments'])
  const { db } = at.plane.context
  const failures: unknown[] = []
  const opened = openWorkLine(db, (error) => failures.push(error))
  const looks: number[] = []
  const places = Array.from({ length: many }, (_, n) => {
    const known = { workspace: of.id, runner: `rnr_${n}`, pool: 'local' } as KnownRunner
    const place = opened.join(known, () => {
      looks.push(n)
      setImmediate(() => place.looked(finds(n)))
    })
    return place
  })
  const nudge = (id: string) => db.nudges.send({ workspace: of.id, topic: 'work', id })
  return { of, opened, looks, places, nudge, failures }
}
const work = (of: TestWorkspace) => new Story(at.plane.context.db, of.id).start(specOf())
/** How many looks there are once there are so many and no more come. */
const settled = async (looks: readonly number[], atLeast = 0): Promise<number> => {
  await expect.poll(() => looks.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(atLeast)
  for (let before = -1; before !== looks.length;) {
    before = looks.length
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return looks.length
}

test('a word for which nothing is there makes two of fifty look, one for another pool or workspace none', async () => {
  const { opened, looks, nudge } = await line(50, () => false)
  nudge('other')
  at.plane.context.db.nudges.send({ workspace: 'ws_other', topic: 'work', id: 'local' })
  expect(await settled(looks)).toBe(0)
  nudge('local')
  expect(await settled(looks, 2)).toBe(2)
  nudge('local')
  expect(await settled(looks, 4)).toBe(4)
  expect(new Set(looks).size).toBe(4) // in turn
  opened.close()
})

test('work that only the last one can do reaches it, and each of the others looks once', async () => {
  const { of, opened, looks, failures } = await line(50, () => false)
  await work(of) // nudges the pool
  await expect.poll(() => new Set(looks).size, { timeout: 20_000 }).toBe(50)
  opened.close()
  await settled(looks)
  // The look every few seconds may have come beside it: it begins another turn.
  expect(looks.length % 50).toBe(0)
  expect(failures).toEqual([])
})

test('whoever finds work passes the word on, and so does whoever leaves before it looked', async () => {
  const { of, opened, looks, places } = await line(6, () => true)
  for (const n of [0, 1]) places[n]!.looked = () => {} // sent, and hangs up instead of looking
  await work(of)
  await expect.poll(() => looks).toEqual([0, 1])
  places[1]!.leave()
  await expect.poll(() => looks).toEqual([0, 1, 2, 3, 4, 5])
  opened.close()
})

test('one runner that has a slot again looks alone; a change of what all may do wakes all', async () => {
  const { opened, looks, nudge } = await line(10, () => false)
  nudge('rnr_7')
  expect(await settled(looks, 1)).toBe(1)
  expect(looks).toEqual([7])
  nudge('*')
  expect(await settled(looks, 11)).toBe(11)
  opened.close()
})

test('work whose word was lost is found within seconds', { timeout: 40_000 }, async () => {
  const { of, opened, looks } = await line(3, () => true)
  const { run } = await work(of)
  await settled(looks, 3)
  looks.length = 0
  const move = (pool: string) =>
    inWorkspace(at.plane.context.db, of.id, (tx) =>
      tx.query('update vp.work set pool = $2 where run = $1', [run, pool]),
    )
  await move('other')
  await move('local') // nobody said a word
  await expect.poll(() => looks.length, { timeout: 30_000 }).toBe(3)
  opened.close()
})
