/**
 * What does a model cost?
 * List prices as data, in dollars per million tokens, with the day on which they were read and where. A model that is not listed has no
 * price: its cost is unavailable, never zero. The owner of a runner can add prices in the local policy (`prices:`).
 */

/** Dollars per million tokens. */
export type Rates = {
  /** Input that no cache had. */
  readonly input: number
  /** Input read from a cache. */
  readonly cached: number
  /** Input written into a cache for minutes, and for an hour. Default: as input. */
  readonly write?: number
  readonly writeLong?: number
  /** All that the model wrote, its thinking too. */
  readonly output: number
}
/** `over`: the whole request has other rates when its input, cached or not, is longer than this many tokens. */
export type Price = Rates & { readonly long?: Rates & { readonly over: number } }

/** When and where the prices were read. */
export const pricesRead = {
  on: '2026-11-22',
  from: {
    anthropic: 'https://platform.claude.com/docs/en/about-claude/pricing',
    openai: 'https://developers.openai.com/api/docs/pricing',
    google: 'https://ai.google.dev/gemini-api/docs/pricing',
  },
} as const

/** Writing to a cache costs 1.25 times the input for five minutes, twice the input for an hour. */
const claude = (input: number, output: number, cached = input / 10): Rates => ({
  input,
  cached,
  write: input * 1.25,
  writeLong: input * 2,
  output,
})

/** From 5.6 on writing to a cache costs 1.25 times the input; above 272,000 tokens of input the whole request costs more. */
const gpt = (input: number, cached: number, output: number): Price => ({
  ...gptShort(input, cached, output),
  long: { ...gptShort(input * 2, cached * 2, output * 1.5), over: 272_000 },
})
const gptShort = (input: number, cached: number, output: number): Rates => ({
  input,
  cached,
  write: input * 1.25,
  output,
})

/** By provider and name of the model without its date. */
export const prices: Readonly<Record<string, Readonly<Record<string, Price>>>> = {
  anthropic: {
    'claude-fable-5-1': claude(10, 50, 0.25),
    'claude-mythos-5-1': claude(10, 50, 0.25),
    'claude-fable-5': claude(10, 50),
    'claude-mythos-5': claude(10, 50),
    'claude-opus-5-5': claude(4, 20, 0.2),
    'claude-opus-5': claude(5, 25),
    'claude-opus-4-8': claude(5, 25),
    'claude-opus-4-7': claude(5, 25),
    'claude-opus-4-6': claude(5, 25),
    'claude-opus-4-5': claude(5, 25),
    'claude-opus-4-1': claude(15, 75),
    'claude-opus-4': claude(15, 75),
    'claude-sonnet-5-5': claude(2, 10, 0.1),
    'claude-sonnet-5': claude(2, 10),
    'claude-sonnet-4-6': claude(3, 15),
    'claude-sonnet-4-5': { ...claude(3, 15), long: { ...claude(6, 22.5), over: 200_000 } },
    'claude-sonnet-4': { ...claude(3, 15), long: { ...claude(6, 22.5), over: 200_000 } },
    'claude-haiku-5-5': { ...claude(0.1, 0.5), long: { ...claude(0.5, 2.5), over: 100_000 } },
    'claude-haiku-4-5': claude(1, 5),
    'claude-3-5-haiku': claude(0.8, 4),
  },
  openai: {
    'gpt-6.2-astra': gpt(8, 0.4, 40),
    'gpt-6.2-sol': gpt(2, 0.1, 10),
    'gpt-6.1-sol': gpt(2, 0.1, 10),
    'gpt-6.1-terra': gpt(1, 0.05, 5),
    'gpt-6-astra': gpt(10, 1, 50),
    'gpt-6-sol': gpt(2, 0.2, 10),
    'gpt-6-luna': gpt(0.1, 0.01, 0.5),
    'gpt-5.6-sol': gpt(4, 0.4, 20),
    'gpt-5.6-terra': gpt(2, 0.2, 12),
    'gpt-5.6-luna': gpt(0.2, 0.02, 1.2),
    'gpt-5.5': { input: 5, cached: 0.5, output: 30, long: { input: 10, cached: 1, output: 45, over: 272_000 } },
    'gpt-5.4': { input: 2.5, cached: 0.25, output: 15, long: { input: 5, cached: 0.5, output: 22.5, over: 272_000 } },
    'gpt-5.4-mini': { input: 0.75, cached: 0.075, output: 4.5 },
    'gpt-5.4-nano': { input: 0.2, cached: 0.02, output: 1.25 },
    'gpt-5.3-codex': { input: 1.75, cached: 0.175, output: 14 },
    'gpt-5.2': { input: 1.75, cached: 0.175, output: 14 },
    'gpt-5.2-codex': { input: 1.75, cached: 0.175, output: 14 },
    'gpt-5.1': { input: 1.25, cached: 0.125, output: 10 },
    'gpt-5': { input: 1.25, cached: 0.125, output: 10 },
    'gpt-5-mini': { input: 0.25, cached: 0.025, output: 2 },
    'gpt-5-nano': { input: 0.05, cached: 0.005, output: 0.4 },
    'gpt-4.1': { input: 2, cached: 0.5, output: 8 },
  },
  google: {
    'gemini-3.1-pro-preview': {
      input: 2,
      cached: 0.2,
      output: 12,
      long: { input: 4, cached: 0.4, output: 18, over: 200_000 },
    },
    'gemini-3.6-flash': { input: 1.5, cached: 0.15, output: 7.5 },
    'gemini-3.5-flash': { input: 1.5, cached: 0.15, output: 9 },
    'gemini-3.5-flash-lite': { input: 0.3, cached: 0.03, output: 2.5 },
    'gemini-3-flash-preview': { input: 0.5, cached: 0.05, output: 3 },
    'gemini-2.5-pro': {
      input: 1.25,
      cached: 0.125,
      output: 10,
      long: { input: 2.5, cached: 0.25, output: 15, over: 200_000 },
    },
    'gemini-2.5-flash': { input: 0.3, cached: 0.03, output: 2.5 },
    'gemini-2.5-flash-lite': { input: 0.1, cached: 0.01, output: 0.4 },
  },
}
