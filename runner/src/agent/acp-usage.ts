/** What does an agent of the Agent Client Protocol say that it used? A cross-check where the gateway counts. */
import type { Usage } from '@viewportai/core/run/facts'
import { PromptEnd } from './acp-messages.ts'
import { unknownUsage, type AgentTask } from './driver.ts'

/** Its own count, as far as it tells one. */
export const usageOf = (name: string, task: AgentTask, told: PromptEnd | null): Usage => {
  const usage = told?.usage
  const quota = told?._meta?.quota?.token_count
  const counted: Usage | null = usage
    ? {
        inputTokens: (usage.inputTokens ?? 0) + (usage.cachedWriteTokens ?? 0),
        outputTokens: usage.outputTokens ?? null,
        cachedTokens: usage.cachedReadTokens ?? null,
        usdMicros: null,
        source: 'agent',
      }
    : quota
      ? {
          inputTokens: quota.input_tokens ?? null,
          outputTokens: quota.output_tokens ?? null,
          cachedTokens: null,
          usdMicros: null,
          source: 'agent',
        }
      : null
  if (!counted) return unknownUsage
  task.on({
    event: 'message',
    text: `${name} counted ${counted.inputTokens ?? '?'} tokens in, ${counted.outputTokens ?? '?'} out.`,
  })
  return counted
}
