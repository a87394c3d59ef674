import { expect, test } from 'vitest'

import { inTurn, planOf, runPlan, stagesOf, type Plan } from './lanes.ts'
import { green, red, type Stage } from './stage.ts'

const stage = (name: string): Stage => ({ name, run: async () => green('') })
const [first, computes, more, waits, last] = ['first', 'computes', 'more', 'waits', 'last'].map(stage) as [
  Stage,
  Stage,
  Stage,
  Stage,
  Stage,
]
const plan: Plan = [first, [[computes, more], [waits]], last]
const names = (stages: Stage[]): string[] => stages.map(({ name }) => name)

test('lanes run beside each other, what is in turn does not, and all is told in the order of the plan', async () => {
  const log: string[] = []
  let letGo = (): void => {}
  const moreBegan = new Promise<void>((done) => (letGo = done))
  const ran = await runPlan(
    plan,
    async ({ name }, alone) => {
      log.push(`${name} begins${alone ? ' alone' : ''}`)
      if (name === 'more') letGo()
      if (name === 'waits') await moreBegan // ends only when the other lane goes on meanwhile
      log.push(`${name} ends`)
      return name === 'computes' ? red('broken') : green('')
    },
    () => false,
  )
  expect(ran.map(({ stage: { name }, found: { failed } }) => [name, failed])).toEqual([
    ['first', 0],
    ['computes', 1],
    ['more', 0],
    ['waits', 0],
    ['last', 0],
  ])
  expect(log.slice(0, 2)).toEqual(['first begins alone', 'first ends'])
  expect(log.slice(-2)).toEqual(['last begins alone', 'last ends'])
  expect(log).toContain('waits begins')
  expect(log.indexOf('computes ends')).toBeLessThan(log.indexOf('more begins'))
})

test('a part keeps its lanes only while there is somebody beside', () => {
  const chosen = (...wanted: Stage[]): Plan => planOf(plan, (one) => wanted.includes(one))
  expect(chosen(first, more, waits)).toEqual([first, [[more], [waits]]])
  expect(chosen(computes, more, last)).toEqual([computes, more, last])
  expect(chosen(waits)).toEqual([waits])
  expect(names(stagesOf(inTurn(plan)))).toEqual(['first', 'computes', 'more', 'waits', 'last'])
  expect(inTurn(plan).some((part) => Array.isArray(part))).toBe(false)
})

test('after a stop nothing is begun, in no lane', async () => {
  let stopped = false
  const ran = await runPlan(
    plan,
    async ({ name }) => {
      await Promise.resolve() // the other lane has begun too
      if (name === 'computes') stopped = true
      return green('')
    },
    () => stopped,
  )
  expect(names(ran.map(({ stage: one }) => one))).toEqual(['first', 'computes', 'waits'])
})
