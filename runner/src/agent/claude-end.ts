/** What does the end of Claude Code mean: its own figures, and its failures in words that say what to do. */
import type { Usage } from '@viewportai/core/run/facts'
import { failed, type WorkFailed } from '../work/failure.ts'
import type { ClaudeResult, ModelUse } from './claude-messages.ts'
import { unknownUsage } from './driver.ts'
import { modelFailure } from './model-failure.ts'

/** Its own count of this attempt, sub-agents included; what was read from a cache stands beside the input. A cross-check where the gateway counts. */
export const usageOf = (result: ClaudeResult): Usage => {
  const uses = Object.values(result.model_usage_since_last_result ?? result.modelUsage ?? {})
  if (uses.length === 0) return unknownUsage
  const sum = (...keys: (keyof ModelUse)[]): number =>
    uses.reduce((all, use) => all + keys.reduce((one, key) => one + (use[key] ?? 0), 0), 0)
  return {
    inputTokens: Math.round(sum('inputTokens', 'cacheCreationInputTokens')),
    outputTokens: Math.round(sum('outputTokens')),
    cachedTokens: Math.round(sum('cacheReadInputTokens')),
    usdMicros: Math.round(sum('costUSD') * 1e6),
    source: 'agent',
  }
}

/** The failure of a result that is one, or null. `status`: the last error of the provider after which it was tried again. */
export const failureIn = (result: ClaudeResult, status: number | null): WorkFailed | null => {
  // `subtype` may say success even then
  if (!result.is_error && result.subtype === 'success') return null
  const words = (result.result || (result.errors ?? []).join('; ') || result.subtype).replace(/\s+/g, ' ').slice(0, 600)
  const refused = result.api_error_status ?? statusIn(words) ?? status
  return refused !== null || /^API Error/i.test(words)
    ? modelFailure('Claude Code', refused, words)
    : failed('agent', 'agent_failed', `Claude Code ended with an error: ${words}`, 'The end of its log says why.', {
        started: true,
      })
}

const statusIn = (words: string): number | null => {
  const found = /\bAPI Error:? \(?(\d{3})\b/.exec(words)?.[1]
  return found === undefined ? null : Number(found)
}
