/** Are prices found by the name of the model alone, and is every kind of token priced as it is billed? */
import { expect, test } from 'vitest'
import { costOf, priceOf } from './cost.ts'
import { prices } from './prices.ts'
import { nothingCounted, takeIn } from './usage.ts'

const counted = (also: object) => ({
  ...nothingCounted(),
  model: 'claude-sonnet-4-5',
  told: true,
  complete: true,
  ...also,
})

test.each([
  ['anthropic', 'claude-sonnet-4-5', true],
  ['anthropic', 'claude-sonnet-4-5-20250929', true],
  ['anthropic', 'claude-sonnet-4-5@20250929', true],
  ['openai', 'gpt-5-2025-08-07', true],
  ['openai', 'gpt-5-pro', false],
  ['openai', 'gpt-5.9', false],
  ['openai', 'claude-sonnet-4-5', false],
  ['anthropic', 'constructor', false],
  ['__proto__', 'toString', false],
  ['local', 'gpt-5', false],
])('%s %s has a price: %s', (provider, model, has) => {
  expect(priceOf(provider, model) !== null).toBe(has)
})

test('the owner’s own prices come first', () => {
  const own = { 'qwen-9': { input: 1, cached: 1, output: 2 }, 'gpt-5': { input: 0, cached: 0, output: 0 } }
  expect(priceOf('local', 'qwen-9', own)).toEqual(own['qwen-9'])
  expect(costOf('openai', counted({ model: 'gpt-5', input: 1_000 }), own)).toBe(0)
})

test('caches, long requests and searches have their own prices; other tiers have none', () => {
  const cost = (also: object) => costOf('anthropic', counted(also))
  expect(cost({ input: 1_000, written: 100, writtenLong: 200 })).toBe(700 * 3 + 100 * 3.75 + 200 * 6)
  expect(cost({ cached: 1_000 })).toBeCloseTo(300)
  expect(cost({ output: 1_000, searches: 2 })).toBe(15_000 + 20_000)
  expect(cost({ input: 100_000, cached: 100_001 })).toBeCloseTo(100_000 * 6 + 100_001 * 0.6)
  expect(cost({ input: 1_000, special: true })).toBe(null)
  expect(cost({ model: null })).toBe(null)
})

test('every listed price makes sense', () => {
  for (const models of Object.values(prices))
    for (const price of Object.values(models))
      for (const rates of [price, ...(price.long ? [price.long] : [])]) {
        expect(rates.cached).toBeLessThan(rates.input)
        expect(rates.output).toBeGreaterThan(rates.input)
        expect(rates.write ?? rates.input).toBeGreaterThanOrEqual(rates.input)
      }
})

test('a tier, a speed or a place that is billed otherwise is noticed', () => {
  for (const value of [
    { object: 'response', model: 'gpt-5', service_tier: 'priority', usage: { input_tokens: 1, output_tokens: 1 } },
    { type: 'message', model: 'm', usage: { input_tokens: 1, output_tokens: 1, speed: 'fast' } },
    { type: 'message', model: 'm', usage: { input_tokens: 1, output_tokens: 1, inference_geo: 'us' } },
  ]) {
    const one = nothingCounted()
    takeIn(one, value)
    expect(one).toMatchObject({ special: true, told: true })
  }
})

test('numbers that no provider would write change nothing', () => {
  for (const bad of [-1, 1.5, 1e300, '7', null, {}, [], true]) {
    const one = nothingCounted()
    takeIn(one, { type: 'message', usage: { input_tokens: bad, output_tokens: bad, cache_read_input_tokens: bad } })
    takeIn(one, { object: 'response', usage: { input_tokens: bad, output_tokens: bad } })
    takeIn(one, { usageMetadata: { promptTokenCount: bad } })
    expect(one).toMatchObject({ told: false, input: 0, output: 0, cached: 0 })
  }
})
