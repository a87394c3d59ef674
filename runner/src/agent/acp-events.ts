/** What does an agent of the Agent Client Protocol do, and what is its last word? */
import { Chunk, modeOption, OptionsTold, ToolCall, Update } from './acp-messages.ts'
import { toolKinds, type AgentEvent } from './event.ts'

export type AcpHeard = {
  /** Takes a `session/update` into account; what belongs to another session, or is told again of an old one, is not. */
  take(params: unknown): void
  /** What is known of a call, with what this message says of it. */
  call(also: ToolCall): ToolCall
  /** Ends the message that is being said. */
  flush(): void
  /** The last message. */
  answer(): string
}

const kindOf = (kind: string | null | undefined): (typeof toolKinds)[number] =>
  toolKinds.find((one) => one === kind) ?? (kind === 'move' ? 'edit' : 'other')

/** `onMode`: the agent says that it is in another mode now. */
export const hearAcp = (
  session: () => string | null,
  on: (event: AgentEvent) => void,
  onMode: (id: string) => void,
): AcpHeard => {
  const calls = new Map<string, ToolCall>()
  let saying = ''
  let said = ''
  const flush = (): void => {
    if (saying.trim() !== '') {
      said = saying
      on({ event: 'message', text: saying.trim() })
    }
    saying = ''
  }
  const call = (also: ToolCall): ToolCall => {
    const before = calls.get(also.toolCallId)
    const told = Object.fromEntries(Object.entries(also).filter(([, value]) => value !== null && value !== undefined))
    const now = { ...before, ...told, toolCallId: also.toolCallId } as ToolCall
    calls.set(also.toolCallId, now)
    return now
  }
  return {
    call,
    flush,
    answer: () => said.trim(),
    take: (params) => {
      const one = Update.safeParse(params).data
      if (!one || one.sessionId !== session()) return
      const { update } = one
      switch (update.sessionUpdate) {
        case 'agent_message_chunk': {
          saying += Chunk.safeParse(update.content).data?.text ?? ''
          if (saying.length > 1_000_000) flush()
          return
        }
        case 'tool_call':
        case 'tool_call_update': {
          flush()
          const found = ToolCall.safeParse(update).data
          if (!found) return
          const isNew = !calls.has(found.toolCallId)
          const now = call(found)
          if (isNew) on({ event: 'tool', kind: kindOf(now.kind), title: (now.title ?? 'a call').slice(0, 2_000) })
          const output = (found.content ?? []).flatMap(({ content }) => (content?.text ? [content.text] : []))
          if (found.status === 'completed' || found.status === 'failed')
            for (const text of output) on({ event: 'output', bytes: Buffer.from(`${text}\n`), from: 'out' })
          return
        }
        case 'plan':
          return on({ event: 'plan', text: (update.entries ?? []).map(({ content }) => `- ${content}`).join('\n') })
        case 'current_mode_update':
          if (update.currentModeId !== undefined) onMode(update.currentModeId)
          return
        case 'config_option_update': {
          const told = modeOption(OptionsTold.safeParse(update).data?.configOptions)
          if (typeof told?.currentValue === 'string') onMode(told.currentValue)
          return
        }
        default:
          return
      }
    },
  }
}
