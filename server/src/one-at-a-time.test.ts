import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

const here = new AbortController().signal
const gate = () => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('one after the other in the order they came; another name waits for none of them', async () => {
  const turn = oneAtATime(8)
  const [order, slow]: [string[], ReturnType<typeof gate>] = [[], gate()]
  const first = turn('acme', here, async () => {
    await slow.opened
    order.push('first')
  })
  const others = ['second', 'third'].map((one) => turn('acme', here, async () => void order.push(one)))
  expect(await turn('else', here, async () => 'at once')).toEqual({ done: true, value: 'at once' })
  expect(order).toEqual([])
  slow.open()
  await Promise.all([first, ...others])
  expect(order).toEqual(['first', 'second', 'third'])
})

test('more than may wait are told so, until there is room again', async () => {
  const turn = oneAtATime(2)
  const slow = gate()
  const both = [turn('acme', here, () => slow.opened), turn('acme', here, () => slow.opened)]
  expect(await turn('acme', here, async () => 1)).toEqual({ done: false })
  slow.open()
  await Promise.all(both)
  expect(await turn('acme', here, async () => 1)).toEqual({ done: true, value: 1 })
})

test('what fails, and whoever has left, holds up nobody', async () => {
  const turn = oneAtATime(4)
  const wrong = turn('acme', here, () => Promise.reject(new Error('no')))
  let began = false
  const gone = turn('acme', AbortSignal.abort(), async () => (began = true))
  const last = turn('acme', here, async () => 'mine')
  await expect(wrong).rejects.toThrow('no')
  expect(await gone).toEqual({ done: false })
  expect(began).toBe(false)
  expect(await last).toEqual({ done: true, value: 'mine' })
})
