/**
 * Which of Codex's messages does vpd read, and what of them?
 * Only what is needed, and loosely: another version may say more. Exact types: `codex app-server generate-ts --experimental --out DIR`.
 */
import { z } from 'zod'

const text = z.string()
const FileChanges = z.array(
  z.object({
    path: text,
    kind: z.object({ type: text, move_path: text.nullish() }).optional(),
  }),
)

export const Item = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agentMessage'), id: text, text }),
  z.object({ type: z.literal('plan'), id: text, text }),
  z.object({ type: z.literal('reasoning'), id: text, summary: z.array(text) }),
  z.object({
    type: z.literal('commandExecution'),
    id: text,
    command: text,
    aggregatedOutput: text.nullish(),
    exitCode: z.number().nullish(),
    status: text,
  }),
  z.object({ type: z.literal('fileChange'), id: text, changes: FileChanges, status: text }),
  z.object({ type: z.literal('mcpToolCall'), id: text, server: text, tool: text }),
  z.object({ type: z.literal('webSearch'), id: text, query: text.nullish() }),
  z.object({ type: z.literal('collabAgentToolCall'), id: text, tool: z.unknown().optional(), prompt: text.nullish() }),
])
export type Item = z.infer<typeof Item>
export const ItemTold = z.object({ threadId: text, item: z.object({ type: text, id: text }).loose() })

const Tokens = z.object({ inputTokens: z.number(), cachedInputTokens: z.number(), outputTokens: z.number() })
export const TokensTold = z.object({ turnId: text, tokenUsage: z.object({ last: Tokens }) })
export const TurnBegun = z.object({ turn: z.object({ id: text }) })

export const TurnError = z.object({
  message: text,
  codexErrorInfo: z.unknown().optional(),
  additionalDetails: text.nullish(),
})
export type TurnError = z.infer<typeof TurnError>
export const ErrorTold = z.object({ error: TurnError, willRetry: z.boolean().optional() })
export const TurnOver = z.object({
  threadId: text,
  turn: z.object({ id: text, status: text, error: TurnError.nullish() }),
})

/** An item as the model wrote it: also those that Codex acted on without telling. */
export const RawTold = z.object({
  item: z.object({
    type: text,
    call_id: text.nullish(),
    name: text.optional(),
    arguments: text.optional(),
    input: text.optional(),
  }),
})

export const CommandAsk = z.object({
  kind: text.optional(),
  threadId: text,
  turnId: text,
  itemId: text,
  command: text.nullish(),
  cwd: text.nullish(),
  reason: text.nullish(),
  networkApprovalContext: z.unknown().optional(),
  additionalPermissions: z.unknown().optional(),
})
export const ChangeAsk = z.object({
  threadId: text,
  turnId: text,
  itemId: text,
  reason: text.nullish(),
  grantRoot: text.nullish(),
})
export const QuestionAsk = z.object({
  itemId: text,
  questions: z.array(
    z.object({
      id: text.optional(),
      question: text,
      options: z.array(z.object({ label: text })).nullish(),
    }),
  ),
})
/** `_meta`: of Codex's own ask before it calls a tool; other asks are those of a server. */
export const ElicitationAsk = z.object({
  threadId: text,
  turnId: text.nullish(),
  serverName: text,
  _meta: z
    .object({ codex_approval_kind: z.literal('mcp_tool_call'), tool_name: text, tool_params: z.unknown() })
    .nullish()
    .catch(null),
})

export const ThreadReady = z.object({ thread: z.object({ id: text }), model: text, approvalPolicy: z.unknown() })
export const TurnReady = z.object({ turn: z.object({ id: text }) })
