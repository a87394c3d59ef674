/** Two servers that decide about one thing in the same moment: the second waits until the first has decided, and knows it. Each transaction is held open here. */
import { expect, test } from 'vitest'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { specOf } from '@viewportai/core/run/testing/play'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { judgeStarts } from './breaker.ts'
import { seenBefore } from './seen.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme')

/** What the second finds that begins while the first is decided and not stored yet, once it waits for a lock of that one. */
const beside = async <T>(first: (tx: Tx) => Promise<T>, second: (tx: Tx) => Promise<T>): Promise<[T, T]> => {
  let isDecided = (): void => undefined
  let store = (): void => undefined
  const decided = new Promise<void>((go) => (isDecided = go))
  const stored = new Promise<void>((go) => (store = go))
  const one = inWorkspace(db, acme.id, async (tx) => {
    const found = await first(tx)
    isDecided()
    await stored
    return found
  })
  await Promise.race([decided, one])
  const other = inWorkspace(db, acme.id, second)
  let isOver = false
  void other.finally(() => (isOver = true)).catch(() => undefined)
  await expect
    .poll(async () => {
      const { rowCount } = await db.app.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return isOver || rowCount === 1
    })
    .toBe(true)
  store()
  return [await one, await other]
}

test('an event that two ways tell is seen by one of them', async () => {
  const told = (delivery: string, names: string[]) => (tx: Tx) =>
    seenBefore(tx, { tool: 'github', names, formerly: [], delivery, keep: false })
  expect(await beside(told('dlv_a', ['one']), told('dlv_b', ['one']))).toEqual([null, 'dlv_a'])
  // Told with a second name by the other: one of them is enough.
  expect(await beside(told('dlv_c', ['two', 'three']), told('dlv_d', ['three', 'four']))).toEqual([null, 'dlv_c'])
})

const now = Date.now()
const event = (name: string, at = now): TriggerEvent => ({
  ...specOf().event,
  tool: 'github',
  event: name,
  id: name,
  at,
  subject: { label: 'acme/shop#7', title: 'A bug', url: null, ref: 'acme/shop#7', made: now },
})

test.each([
  ['the making of one thing', [], 'issue_opened', 'issue_labeled', 'making'],
  ['one event that two connections tell', ['hub e1'], 'issue_comment', 'issue_comment', 'event'],
])('%s starts a workflow once', async (_what, told, one, other, act) => {
  const judge = (delivery: string, name: string) => (tx: Tx) =>
    judgeStarts(tx, [
      {
        delivery,
        event: event(name),
        told,
        workflow: `wf_${act}`,
        name: act,
        compiled: specOf().workflow.compiled,
      },
    ])
  const [[first], [second]] = await beside(judge('dlv_one', one), judge('dlv_two', other))
  expect(first).toMatchObject({ is: 'goes' })
  expect(second).toMatchObject({ is: 'same', as: { of: act, delivery: 'dlv_one' } })
})
