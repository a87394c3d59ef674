/** What does an agent do, in one vocabulary for all of them? (The words of the Agent Client Protocol: tool kinds, plan, usage.) */
import type { Usage } from '@viewportai/core/run/facts'

export const toolKinds = ['read', 'edit', 'delete', 'search', 'execute', 'fetch', 'think', 'other'] as const

export type AgentEvent =
  | { readonly event: 'message'; readonly text: string }
  | { readonly event: 'plan'; readonly text: string }
  | { readonly event: 'tool'; readonly kind: (typeof toolKinds)[number]; readonly title: string }
  /** Output of the agent's own program, as bytes. */
  | { readonly event: 'output'; readonly bytes: Uint8Array; readonly from: 'out' | 'err' }
  | {
      readonly event: 'permission'
      /** An argv, or the text that a shell will read. */
      readonly command: readonly string[] | string
      readonly decision: 'allow' | 'ask' | 'deny'
      readonly why: string
    }
  | { readonly event: 'question'; readonly text: string }
  /** Sums of this attempt so far. */
  | { readonly event: 'usage'; readonly usage: Usage }

/** An event as one line of the step's log; null for raw output, which is written as it is. */
export const logLine = (event: AgentEvent): string | null => {
  switch (event.event) {
    case 'message':
      return event.text
    case 'plan':
      return `plan:\n${event.text}`
    case 'tool':
      return `[${event.kind}] ${event.title}`
    case 'permission':
      return `[permission] ${JSON.stringify(event.command)}: ${event.decision} (${event.why})`
    case 'question':
      return `[question] ${event.text}`
    case 'usage':
      return `[usage] ${event.usage.inputTokens ?? '?'} in, ${event.usage.outputTokens ?? '?'} out`
    case 'output':
      return null
  }
}
