/**
 * About what will a piece of work cost, before it begins?
 * Reckoned, not measured: the tokens of a task of a few files, at the list price of the model that the agent usually takes, and of the provider's
 * cheapest and dearest, because which one it takes is its own choice. What work really cost is counted by the gateway.
 */
import type { Estimate } from '@viewportai/core/try/looked'
import { prices, pricesRead } from './prices.ts'
import type { OwnPrices } from './cost.ts'

/** Tokens that are reckoned with: a plan and a change of a few files with its tests. */
export const reckoned = { input: 60_000, cached: 400_000, output: 15_000 } as const

/**
 * The model that an agent asks for when nobody names one: as the versions in e2e/agents do with a key. `e2e/043` sees what they really ask for;
 * what another version takes may differ, so it is said to be a guess. Gemini CLI has none: it lets a small model choose for each prompt.
 */
export const usualModels: Readonly<Record<string, string>> = {
  claude: 'claude-opus-5-5',
  codex: 'gpt-6.1-sol',
}

/** The estimate for an agent at a provider; null when no price is known. `own`: prices the owner wrote down, which stand for providers that are not listed. */
export const estimateFor = (provider: string, own: OwnPrices = {}, agent: string | null = null): Estimate | null => {
  const listed = Object.hasOwn(prices, provider) ? prices[provider] : undefined
  const costs = Object.entries(listed ?? own)
    .map(([model, { input, cached, write = input, output }]) => ({
      model,
      usd: (reckoned.input * write + reckoned.cached * cached + reckoned.output * output) / 1_000_000,
    }))
    .toSorted((a, b) => a.usd - b.usd)
  const [cheapest, dearest] = [costs[0], costs.at(-1)]
  if (!cheapest || !dearest) return null
  const model = agent !== null && Object.hasOwn(usualModels, agent) ? usualModels[agent] : undefined
  const usual = costs.find((one) => one.model === model) ?? null
  return {
    low: cheapest.usd,
    high: dearest.usd,
    models: [cheapest.model, dearest.model],
    pricesOf: listed ? pricesRead.on : null,
    usual,
  }
}
