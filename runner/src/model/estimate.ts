/**
 * About what will a piece of work cost, before it begins?
 * Reckoned, not measured: the tokens of a task of a few files, at the list prices of the provider's cheapest and dearest model, because
 * which one an agent takes is its own choice. What work really cost is counted by the gateway.
 */
import type { Estimate } from '@viewportai/core/try/looked'
import { prices, pricesRead } from './prices.ts'
import type { OwnPrices } from './cost.ts'

/** Tokens that are reckoned with: a plan and a change of a few files with its tests. */
export const reckoned = { input: 60_000, cached: 400_000, output: 15_000 } as const

/** The estimate for a provider; null when no price is known. `own`: prices the owner wrote down, which stand for providers that are not listed. */
export const estimateFor = (provider: string, own: OwnPrices = {}): Estimate | null => {
  const listed = Object.hasOwn(prices, provider) ? prices[provider] : undefined
  const costs = Object.entries(listed ?? own)
    .map(([model, { input, cached, write = input, output }]) => ({
      model,
      usd: (reckoned.input * write + reckoned.cached * cached + reckoned.output * output) / 1_000_000,
    }))
    .toSorted((a, b) => a.usd - b.usd)
  const [cheapest, dearest] = [costs[0], costs.at(-1)]
  if (!cheapest || !dearest) return null
  return {
    low: cheapest.usd,
    high: dearest.usd,
    models: [cheapest.model, dearest.model],
    pricesOf: listed ? pricesRead.on : null,
  }
}
