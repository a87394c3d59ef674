/**
 * What has one step used of models, in figures that add up?
 * What a provider told is counted as told. What it left out is estimated from the bytes, so that a budget holds all the same, and the sums
 * are marked as not known.
 */
import type { ModelUse, Usage } from '@viewportai/core/run/facts'
import { modelsAtMost } from '@viewportai/core/run/state'
import { costOf, priceOf, type OwnPrices } from './cost.ts'
import type { AnswerCount } from './count-answer.ts'
import type { Counted } from './usage.ts'

/** Tokens that count for a budget (input that no cache had, and output) and millionths of a dollar. */
export type Amount = { readonly tokens: number; readonly usdMicros: number }
export const none: Amount = { tokens: 0, usdMicros: 0 }
export const plus = (a: Amount, b: Amount): Amount => ({
  tokens: a.tokens + b.tokens,
  usdMicros: a.usdMicros + b.usdMicros,
})

/** One request, as it was sent. `model`: what it asks for, where that could be read. */
export type Sent = { readonly provider: string; readonly model: string | null; readonly bytes: number }

// Three bytes of text are about one token, and rather more; what an answer will be is not known: a longish one.
const bytesPerToken = 3
const usualOutput = 4_000
// An event of a stream holds about one token in so many bytes.
const bytesPerEvent = 40

/** What a request may use, before it is sent. */
export const expected = (sent: Sent, own?: OwnPrices): Amount => estimate(sent, usualOutput, own)

const estimate = ({ provider, model, bytes }: Sent, output: number, own?: OwnPrices): Amount => {
  const input = Math.ceil(bytes / bytesPerToken)
  const price = model === null ? null : priceOf(provider, model, own)
  return { tokens: input + output, usdMicros: price ? input * price.input + output * price.output : 0 }
}

/** What an answer that is under way has used so far, at least. */
export const soFar = (sent: Sent, { counted, pieces }: AnswerCount, own?: OwnPrices): Amount => {
  // What it was asked may have been read from a cache: of an answer that tells nothing yet, what came of it counts.
  if (!counted.told) return estimate({ ...sent, bytes: 0 }, pieces(), own)
  const atLeast = { ...counted, output: Math.max(counted.output, pieces()) }
  return { tokens: atLeast.input + atLeast.output, usdMicros: costOf(sent.provider, atLeast, own) ?? 0 }
}

/**
 * How a request ended. `answered`: the provider had all of it and did not refuse it. `bytes` of the answer; `whole`: all of it came. What was cut off
 * goes on at the provider for a while, so whoever cuts off does not come away with less.
 */
export type Ended = {
  readonly sent: Sent
  readonly count: AnswerCount
  readonly answered: boolean
  readonly bytes: number
  readonly whole: boolean
}

/** The least that an answer may have written, where nobody tells it to its end. */
const written = ({ count, bytes, whole }: Omit<Ended, 'sent'>): number => {
  const came = count.pieces() > 0 ? Math.max(count.pieces(), bytes / bytesPerEvent) : bytes / bytesPerToken
  return Math.ceil(Math.max(came, whole ? 0 : usualOutput))
}

export type Spending = {
  /** Takes a request that has ended into account. */
  add(ended: Ended): { readonly amount: Amount; readonly line: string }
  readonly total: () => Amount
  /** Requests that a provider began to answer. */
  readonly requests: () => number
  /** Requests whose use was not told, and such whose use is known and whose price is not. */
  readonly untold: () => number
  readonly unpriced: () => number
  readonly usage: () => Usage
}

/** Sums for one step. */
export const spendingOf = (own?: OwnPrices): Spending => {
  let total = none
  let [requests, told, unpriced, input, output, cached, usdMicros] = [0, 0, 0, 0, 0, 0, 0]
  let whole = true // everything was told to its end
  const models = new Map<string, ModelUse>()

  return {
    add({ sent, ...ended }) {
      const { count, answered } = ended
      if (!answered) return { amount: none, line: 'refused, nothing used' }
      requests++
      const { counted } = count
      if (!counted.told) {
        whole = false
        const amount = estimate(sent, written(ended), own)
        total = plus(total, amount)
        return { amount, line: `use not told by ${sent.provider}; about ${amount.tokens} tokens` }
      }
      told++
      const at = { ...counted, output: counted.complete ? counted.output : Math.max(counted.output, count.pieces()) }
      const cost = costOf(sent.provider, at, own)
      if (!at.complete) whole = false
      if (cost === null) unpriced++
      else usdMicros += cost
      input += at.input
      output += at.output
      cached += at.cached
      addTo(models, sent, at, cost)
      // Told are sums that are known; the budget counts what may have come on top, too.
      const all = at.complete ? at : { ...at, output: Math.max(at.output, written(ended)) }
      const amount = { tokens: all.input + all.output, usdMicros: costOf(sent.provider, all, own) ?? 0 }
      total = plus(total, amount)
      const rest = `${at.complete ? '' : ', incomplete: at least'}`
      return {
        amount,
        line: `${at.model ?? 'unknown model'}${rest}: ${at.input} in, ${at.cached} cached, ${at.output} out, ${cost === null ? 'cost unavailable' : `$${(cost / 1_000_000).toFixed(4)}`}`,
      }
    },
    total: () => total,
    requests: () => requests,
    untold: () => requests - told,
    unpriced: () => unpriced,
    usage: () => {
      // A sum with an unknown part is not the whole.
      const cost = requests > 0 && whole && unpriced === 0 ? Math.round(usdMicros) : null
      const estimated = {
        tokens: total.tokens - input - output,
        usdMicros: Math.max(0, Math.round(total.usdMicros) - (cost ?? 0)),
      }
      return {
        inputTokens: told > 0 ? input : null,
        outputTokens: told > 0 ? output : null,
        cachedTokens: told > 0 ? cached : null,
        usdMicros: cost,
        source: cost === null ? 'unavailable' : 'gateway',
        ...(models.size > 0 && { models: shown(models) }),
        // What later steps of the run must know to keep its budget.
        ...((estimated.tokens > 0 || estimated.usdMicros > 0) && { estimated }),
      }
    },
  }
}

/** Most tokens first. */
const shown = (models: ReadonlyMap<string, ModelUse>): ModelUse[] =>
  [...models.values()]
    .map((one) => ({ ...one, usdMicros: one.usdMicros === null ? null : Math.round(one.usdMicros) }))
    .toSorted((a, b) => b.inputTokens + b.outputTokens - a.inputTokens - a.outputTokens)
    .slice(0, modelsAtMost)

/** Counts an answer for its model: as the provider calls it there, else as it was asked for. */
const addTo = (models: Map<string, ModelUse>, sent: Sent, at: Counted, cost: number | null): void => {
  const { provider } = sent
  const model = (at.model ?? sent.model ?? 'unknown').slice(0, 120)
  const key = `${provider} ${model}`
  const before = models.get(key)
  if (!before && models.size >= toldApart) return
  models.set(key, {
    provider,
    model,
    requests: (before?.requests ?? 0) + 1,
    inputTokens: (before?.inputTokens ?? 0) + at.input,
    outputTokens: (before?.outputTokens ?? 0) + at.output,
    cachedTokens: (before?.cachedTokens ?? 0) + at.cached,
    usdMicros: cost === null || before?.usdMicros === null ? null : (before?.usdMicros ?? 0) + cost,
  })
}
/** An agent could make up names for ever, where a provider answers to any. */
const toldApart = 100
