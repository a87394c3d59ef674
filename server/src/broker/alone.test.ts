/** One effect is in one hand: while somebody has it nobody else begins it, and whatever becomes of that it is free again. */
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { locks } from '../database/lock.ts'
import { alone } from './alone.ts'

const { plane } = await testPlane()
const { db } = plane.context
let count = 0
const one = () => ({ workspace: 'ws_alone', intent: `int_alone-${++count}` })
/** Would another replica, by a connection of its own, have it now? */
const isFree = (intent: string) =>
  db.asOwner(async (owner) => {
    const { rows } = await owner.query<{ free: boolean }>(
      `select pg_try_advisory_lock(hashtextextended($1, ${locks.effects})) as free`,
      [intent],
    )
    return rows[0]!.free
  })

test('while one has it another hears no and begins nothing; afterwards it is free', async () => {
  const effect = one()
  let letGo = (): void => undefined
  const has = new Promise<void>((go) => (letGo = go))
  const begun: string[] = []
  const first = alone(db, effect, async () => {
    begun.push('first')
    await has
  })
  await vi.waitFor(() => expect(begun).toEqual(['first']), 20_000)
  expect(await isFree(effect.intent)).toBe(false)
  expect(await alone(db, effect, async () => void begun.push('second'))).toBe(false)
  letGo()
  expect([await first, begun, await isFree(effect.intent)]).toEqual([true, ['first'], true])
  expect(await alone(db, effect, async () => void begun.push('third'))).toBe(true)
})

test('what breaks off is told, leaves its effect free, and takes no turn with it', async () => {
  for (let n = 0; n < 5; n++) {
    const effect = one()
    const broken = alone(db, effect, () => Promise.reject(new Error('The tool is on fire.')))
    await expect(broken).rejects.toThrow('The tool is on fire.')
    await vi.waitFor(async () => expect(await isFree(effect.intent)).toBe(true), { timeout: 20_000, interval: 20 })
  }
})

test('of all workspaces thirty-two are under way at most, and whoever waits comes in turn', async () => {
  const letGo: (() => void)[] = []
  const all = Array.from({ length: 34 }, (_, n) =>
    alone(db, { workspace: `ws_many${n}`, intent: `int_many${n}-1` }, () => new Promise<void>((go) => letGo.push(go))),
  )
  await vi.waitFor(() => expect(letGo).toHaveLength(32), 20_000)
  for (let n = 0; n < 34; n++) {
    await vi.waitFor(() => expect(letGo.length).toBeGreaterThan(n), 20_000)
    expect(letGo.length).toBeLessThanOrEqual(n + 32)
    letGo[n]!()
  }
  expect(await Promise.all(all)).toEqual(all.map(() => true))
})
