import { expect, test } from 'vitest'

import { planOf, runPlan, stagesOf, type Plan } from './plan.ts'
import { green, red, type Ran, type Stage } from './stage.ts'

const stage = (name: string): Stage => ({ name, run: async () => green('') })
const [first, one, other, last] = ['first', 'one', 'other', 'last'].map(stage) as [Stage, Stage, Stage, Stage]
const plan: Plan = [first, [one, other], last]
const ended = (it: Stage, found = green('')): Ran => ({ stage: it, found, milliseconds: 1 })

test('stages of a part run beside each other, parts do not, and all is told in the order of the plan', async () => {
  const log: string[] = []
  let letGo = (): void => {}
  const otherEnds = new Promise<void>((done) => (letGo = done))
  const ran = await runPlan(
    plan,
    async (it, alone) => {
      log.push(`${it.name} begins${alone ? ' alone' : ''}`)
      if (it === one) await otherEnds // ends only when the other goes on meanwhile
      if (it === other) letGo()
      log.push(`${it.name} ends`)
      return ended(it, it === one ? red('broken') : green(''))
    },
    () => false,
  )
  expect(ran.map(({ stage: { name }, found: { failed } }) => [name, failed])).toEqual([
    ['first', 0],
    ['one', 1],
    ['other', 0],
    ['last', 0],
  ])
  expect(log).toEqual([
    'first begins alone',
    'first ends',
    'one begins',
    'other begins',
    'other ends',
    'one ends',
    'last begins alone',
    'last ends',
  ])
})

test('a stage is beside others only while one of them is wanted', () => {
  const chosen = (...wanted: Stage[]): Plan => planOf(plan, (it) => wanted.includes(it))
  expect(chosen(first, one, other)).toEqual([first, [one, other]])
  expect(chosen(other, last)).toEqual([other, last])
  expect(stagesOf(plan)).toEqual([first, one, other, last])
})

test('after a stop no part is begun', async () => {
  let stopped = false
  const ran = await runPlan(
    plan,
    async (it) => {
      if (it === one) stopped = true
      return ended(it)
    },
    () => stopped,
  )
  expect(ran.map(({ stage: { name } }) => name)).toEqual(['first', 'one', 'other'])
})
