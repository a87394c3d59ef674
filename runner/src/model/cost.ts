/** What did one answer of a model cost? */
import { undatedModel } from '@viewportai/core/wire/model-name'
import { prices, type Price, type Rates } from './prices.ts'
import type { Counted } from './usage.ts'

/** Prices that the owner of the runner wrote down, by name of the model; they come before the listed ones. */
export type OwnPrices = Readonly<Record<string, Rates>>

/** The price of a model at a provider, or null. A date or `latest` behind the name is the same model; any other ending is not. */
export const priceOf = (provider: string, model: string, own: OwnPrices = {}): Price | null => {
  const listed = Object.hasOwn(prices, provider) ? prices[provider]! : {}
  for (const name of [model, undatedModel(model)]) {
    if (Object.hasOwn(own, name)) return own[name]!
    if (Object.hasOwn(listed, name)) return listed[name]!
  }
  return null
}

/** Millionths of a dollar, not rounded. `special`: the provider billed it at other than list prices, so nothing is known. */
export const costOf = (provider: string, counted: Counted, own?: OwnPrices): number | null => {
  const price = counted.model === null || counted.special ? null : priceOf(provider, counted.model, own)
  if (!price) return null
  const { input, cached, written, writtenLong, output } = counted
  const rates = price.long && input + cached > price.long.over ? price.long : price
  const plain = Math.max(0, input - written - writtenLong)
  // dollars per million tokens are millionths of a dollar per token
  return (
    plain * rates.input +
    cached * rates.cached +
    written * (rates.write ?? rates.input) +
    writtenLong * (rates.writeLong ?? rates.write ?? rates.input) +
    output * rates.output +
    counted.searches * 10_000
  )
}
