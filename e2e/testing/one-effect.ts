// Is there one effect of each run, whoever was killed? What is looked at is the ledger, the receipt, the list of what waits for a person, and the provider itself.
import { expect } from 'vitest'

import { actionOf, kindOf, type Kind } from './acting-kinds.ts'
import type { ActingPlane } from './acting-plane.ts'
import { factsOf, type Json } from './api.ts'
import type { Moment, ProviderProxy } from './provider-proxy.ts'

/** Runs of these kinds, and the providers' hands off them. */
export type Held = { numbers: number[]; letGo(): void }

/** The effect that a run is about; a push or an opening that goes before it is another one. */
export const intentOf = (facts: readonly Json[], kind: Kind): string | undefined =>
  facts.findLast(({ type, data }) => type === 'intent.proposed' && data.action === actionOf(kind))?.['data']
    .intent as string
/** Is it a fact of this type about this intent? */
export const isOf = (intent: string | undefined, type: string) => (one: Json) =>
  one['type'] === type && one['data'].intent === intent

const untilEnded = async (plane: ActingPlane, number: number): Promise<void> => {
  const outcome = async (): Promise<unknown> => (await plane.admin().get(`/api/runs/${number}`))['outcome'] as unknown
  await expect
    .poll(outcome, { timeout: 90_000, interval: 100 })
    .toBe('succeeded')
    .catch(async (cause: unknown) => {
      const facts = (await factsOf(plane.admin(), number)).filter(({ type }) =>
        /^(effect|refusal|gate|step)/.test(type as string),
      )
      throw new Error(`Run ${number} did not end: ${JSON.stringify(facts.map(({ type, data }) => [type, data]))}`, {
        cause,
      })
    })
}

/** One effect there, one in the ledger, and a receipt. */
export const seesOneEffect = async (plane: ActingPlane, kind: Kind, number: number): Promise<void> => {
  const facts = await factsOf(plane.admin(), number)
  const intent = intentOf(facts, kind)!
  expect({ kind, recorded: facts.filter(isOf(intent, 'effect.succeeded')).length }).toEqual({ kind, recorded: 1 })
  expect({ kind, there: await plane.doneThere(kind, intent) }).toEqual({ kind, there: 1 })
  const view = await plane.admin().get(`/api/runs/${number}`)
  const receipts = view['receipts'].filter((one: { action: string }) => one.action === actionOf(kind)) as Json[]
  expect({ kind, receipts: receipts.length }).toEqual({ kind, receipts: 1 })
  expect((await plane.admin().get('/api/effects'))['effects']).toEqual([])
}

/** All of these runs end, each with one effect. */
export const seesAll = async (
  plane: ActingPlane,
  struck: readonly Kind[],
  numbers: readonly number[],
): Promise<void> => {
  for (const number of numbers) await untilEnded(plane, number)
  for (const [n, kind] of struck.entries()) await seesOneEffect(plane, kind, numbers[n]!)
}

/** Runs of these kinds, each held at this moment of its write. One whose change must be made first is begun first: nobody is held longer than a tool is waited for. */
export const heldAt = async (
  plane: ActingPlane,
  moment: Moment,
  struck: readonly Kind[],
  more: { late?: boolean } = {},
): Promise<Held> => {
  const numbers: number[] = []
  const traps: ReturnType<ProviderProxy['trap']>[] = []
  const mends = (kind: Kind): boolean => kindOf(kind).mends ?? false
  for (const kind of struck.toSorted((a, b) => Number(mends(b)) - Number(mends(a)))) {
    const trap = plane.provider(kind).trap({ is: kindOf(kind).isWrite, at: moment, ...more })
    traps.push(trap)
    numbers[struck.indexOf(kind)] = await plane.begin(kind)
    if (mends(kind)) await trap.caught
  }
  await Promise.all(traps.map(({ caught }) => caught))
  return { numbers, letGo: () => traps.forEach(({ letGo }) => letGo()) }
}

/** A person lets whatever waits be tried again until the runs come to their ends; how often. */
export const untilEndedWithHelp = async (plane: ActingPlane, numbers: readonly number[]): Promise<number> => {
  let helped = 0
  const help = async (): Promise<boolean> => {
    const { effects } = (await plane.admin().get('/api/effects')) as { effects: Json[] }
    for (const { intent, attempt } of effects) {
      await plane.admin().send('POST', `/api/effects/${intent}/answers`, { choice: 'again', attempt })
      helped += 1
    }
    const views = await Promise.all(numbers.map((number) => plane.admin().get(`/api/runs/${number}`)))
    return views.every(({ outcome }) => outcome !== null)
  }
  await expect.poll(help, { timeout: 90_000, interval: 200 }).toBe(true)
  return helped
}
