import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'
import { NotSent, type Outside } from './outside.ts'

test('one piece of work asks for so long in all, and no longer', async () => {
  const given: number[] = []
  const slow: Outside = {
    now: Date.now,
    async ask({ timeoutMillis }) {
      given.push(timeoutMillis!)
      await new Promise((done) => setTimeout(done, 60))
      return { status: 200, headers: {}, text: '' }
    },
  }
  const outside = bounded(slow, 100)
  const ask = () => outside.ask({ method: 'GET', url: 'https://tool.example' })
  await ask()
  await ask()
  await expect(ask()).rejects.toThrow(NotSent)
  expect(given).toHaveLength(2)
  expect(given[1]!).toBeLessThan(given[0]!)
  expect(Math.max(...given)).toBeLessThanOrEqual(100)
})

test('answers that are too long in all end a piece of work', async () => {
  let asked = 0
  const text = 'x'.repeat(8_000_000)
  const flood: Outside = {
    now: () => 0,
    ask: () => Promise.resolve({ status: 200, headers: {}, text: (asked++, text) }),
  }
  const outside = bounded(flood, 1_000)
  const ask = () => outside.ask({ method: 'GET', url: 'https://tool.example' })
  for (let n = 0; n < 9; n++) await ask()
  await expect(ask()).rejects.toThrow('its answers are longer than 64 MB in all')
  expect(asked).toBe(9)
})
