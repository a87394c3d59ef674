/**
 * What did a provider say that an answer used?
 * Four ways of saying it, read alike: `input` is all input that no cache had, what was written into a cache with it; `cached` is what was
 * read from a cache, and stands beside it; `output` is all that was written, thinking too.
 */

/** The use of one answer, in tokens. */
export type Counted = {
  model: string | null
  input: number
  cached: number
  /** Parts of `input` that were written into a cache, for minutes or for longer. */
  written: number
  writtenLong: number
  output: number
  /** Searches of the web that the provider made for the model; they have a price of their own. */
  searches: number
  /** Billed at other than list prices: another tier, speed or place. */
  special: boolean
  /** Input was told. */
  told: boolean
  /** The last word on it came. */
  complete: boolean
}

export const nothingCounted = (): Counted => ({
  model: null,
  input: 0,
  cached: 0,
  written: 0,
  writtenLong: 0,
  output: 0,
  searches: 0,
  special: false,
  told: false,
  complete: false,
})

/** Takes one JSON value of an answer (an event of a stream, or the whole answer) into account. Values that say nothing about use change nothing. */
export const takeIn = (counted: Counted, value: unknown): void => {
  if (Array.isArray(value)) return value.forEach((one) => takeIn(counted, one))
  if (!isRecord(value)) return
  if (value['type'] === 'message_start') return anthropic(counted, value['message'], false)
  if (value['type'] === 'message_delta') return anthropic(counted, value, true)
  if (value['type'] === 'message') return anthropic(counted, value, true)
  if (/^response\.(completed|incomplete|failed)$/.test(String(value['type']))) return openai(counted, value['response'])
  if (isRecord(value['usageMetadata'])) return google(counted, value, value['usageMetadata'])
  if (isRecord(value['usage'])) return openai(counted, value)
}

const anthropic = (counted: Counted, message: unknown, last: boolean): void => {
  if (!isRecord(message)) return
  if (typeof message['model'] === 'string') counted.model = message['model']
  const usage = message['usage']
  if (!isRecord(usage)) return
  // A delta tells sums of the whole answer; what it leaves out stands as it was.
  const input = tokens(usage['input_tokens'])
  const written = tokens(usage['cache_creation_input_tokens'])
  const parts = usage['cache_creation']
  if (written !== null) {
    counted.writtenLong = isRecord(parts) ? (tokens(parts['ephemeral_1h_input_tokens']) ?? 0) : 0
    counted.written = Math.max(0, written - counted.writtenLong)
  }
  if (input !== null) {
    counted.input = input + counted.written + counted.writtenLong
    counted.told = true
  }
  counted.cached = tokens(usage['cache_read_input_tokens']) ?? counted.cached
  counted.output = tokens(usage['output_tokens']) ?? counted.output
  const server = usage['server_tool_use']
  if (isRecord(server)) counted.searches = tokens(server['web_search_requests']) ?? counted.searches
  if (isOther(usage['speed'], 'standard') || usage['inference_geo'] === 'us') counted.special = true
  if (last && counted.told && tokens(usage['output_tokens']) !== null) counted.complete = true
}

/** Responses (`input_tokens`) and Chat Completions (`prompt_tokens`); both count what was cached inside the input. */
const openai = (counted: Counted, answer: unknown): void => {
  if (!isRecord(answer)) return
  if (typeof answer['model'] === 'string') counted.model = answer['model']
  const usage = answer['usage']
  if (!isRecord(usage)) return
  const all = tokens(usage['input_tokens']) ?? tokens(usage['prompt_tokens'])
  const output = tokens(usage['output_tokens']) ?? tokens(usage['completion_tokens'])
  if (all === null || output === null) return
  const details = usage['input_tokens_details'] ?? usage['prompt_tokens_details']
  counted.cached = Math.min(all, isRecord(details) ? (tokens(details['cached_tokens']) ?? 0) : 0)
  counted.input = all - counted.cached
  counted.written = Math.min(counted.input, isRecord(details) ? (tokens(details['cache_write_tokens']) ?? 0) : 0)
  counted.output = output
  if (isOther(answer['service_tier'], 'default') && answer['service_tier'] !== 'auto') counted.special = true
  const made = answer['output']
  if (Array.isArray(made))
    counted.searches = made.filter((item) => isRecord(item) && item['type'] === 'web_search_call').length
  counted.told = counted.complete = true
}

const google = (counted: Counted, answer: Record<string, unknown>, usage: Record<string, unknown>): void => {
  if (typeof answer['modelVersion'] === 'string') counted.model = answer['modelVersion']
  const all = tokens(usage['promptTokenCount'])
  if (all === null) return
  const used = all + (tokens(usage['toolUsePromptTokenCount']) ?? 0)
  counted.cached = Math.min(used, tokens(usage['cachedContentTokenCount']) ?? 0)
  counted.input = used - counted.cached
  counted.output = (tokens(usage['candidatesTokenCount']) ?? 0) + (tokens(usage['thoughtsTokenCount']) ?? 0)
  counted.told = true
  // Every piece of a stream tells sums so far; the last one also why it ended.
  const candidates = answer['candidates']
  if (Array.isArray(candidates) && candidates.some((one) => isRecord(one) && typeof one['finishReason'] === 'string'))
    counted.complete = true
}

/** A count as providers write it; anything else is none. Never more than could be added up. */
const tokens = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e12 ? value : null
const isOther = (value: unknown, usual: string): boolean => typeof value === 'string' && value !== usual
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
