import { expect, it } from 'vitest'
import { estimateFor, reckoned, usualModels } from './estimate.ts'
import { prices, pricesRead } from './prices.ts'

it('lies between the cheapest and the dearest model of a provider', () => {
  const found = estimateFor('anthropic')!
  expect(found.pricesOf).toBe(pricesRead.on)
  expect(found.models[0]).toBe('claude-haiku-5-5')
  expect(Object.keys(prices['anthropic']!)).toContain(found.models[1])
  expect(found.low).toBeCloseTo((60_000 * 0.125 + 400_000 * 0.01 + 15_000 * 0.5) / 1e6)
  expect(found.high).toBeGreaterThan(found.low)
})

it('is reckoned with the prices of the owner where none is listed, and is not known without', () => {
  expect(estimateFor('local')).toBe(null)
  expect(estimateFor('constructor')).toBe(null)
  const own = estimateFor('local', { mine: { input: 1, cached: 0, output: 2 } })!
  expect(own).toMatchObject({ models: ['mine', 'mine'], pricesOf: null })
  expect(own.low).toBeCloseTo((reckoned.input * 1 + reckoned.output * 2) / 1e6)
})

it('names the model that an agent usually takes, where it has a price', () => {
  for (const [agent, model] of Object.entries(usualModels)) {
    const provider = { claude: 'anthropic', codex: 'openai' }[agent] ?? ''
    const { usual, low, high } = estimateFor(provider, {}, agent)!
    expect(usual?.model).toBe(model)
    expect(usual!.usd).toBeGreaterThanOrEqual(low)
    expect(usual!.usd).toBeLessThanOrEqual(high)
  }
  expect(estimateFor('anthropic', {}, 'codex')?.usual).toBeNull() // another provider's
  expect(estimateFor('anthropic', {}, 'toString')?.usual).toBeNull()
  expect(estimateFor('anthropic')?.usual).toBeNull()
})
