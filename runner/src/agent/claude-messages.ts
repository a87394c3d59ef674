/** What does Claude Code say on its standard output? (stream-json with its control protocol.) What is read of it; everything else is let by. */
import { z } from 'zod'

const input = z.record(z.string(), z.unknown())

const Block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input }),
  z.object({ type: z.literal('tool_result'), content: z.unknown(), is_error: z.boolean().nullish() }),
  z.object({ type: z.string() }).transform(() => null),
])
export type Block = z.infer<typeof Block>

const content = z.union([z.string().transform((): Block[] => []), z.array(Block)])
const count = z.number().nonnegative().nullish()

/** The use of one model, as the result tells it. */
const ModelUse = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadInputTokens: count,
  cacheCreationInputTokens: count,
  costUSD: count,
})
export type ModelUse = z.infer<typeof ModelUse>

const Result = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().nullish(),
  errors: z.array(z.string()).nullish(),
  api_error_status: z.number().nullish(),
  modelUsage: z.record(z.string(), ModelUse).nullish(),
  model_usage_since_last_result: z.record(z.string(), ModelUse).nullish(),
})
export type ClaudeResult = z.infer<typeof Result>

/** One call of a tool that it wants to make. */
const ToolCall = z.object({ tool_name: z.string(), tool_input: input, cwd: z.string().nullish() })

const Request = z.union([
  z.object({ subtype: z.literal('hook_callback'), input: ToolCall, tool_use_id: z.string().nullish() }),
  z.object({ subtype: z.literal('can_use_tool'), tool_name: z.string(), input, tool_use_id: z.string().nullish() }),
  z.object({ subtype: z.string() }).transform(({ subtype }) => ({ subtype: 'other' as const, name: subtype })),
])

const Message = z.union([
  z.object({ type: z.literal('control_request'), request_id: z.string(), request: Request }),
  z.object({
    type: z.literal('system'),
    subtype: z.literal('init'),
    session_id: z.string(),
    permissionMode: z.string().nullish(),
    model: z.string().nullish(),
    claude_code_version: z.string().nullish(),
  }),
  z.object({
    type: z.literal('system'),
    subtype: z.literal('api_retry'),
    attempt: z.number().nullish(),
    max_retries: z.number().nullish(),
    error_status: z.number().nullish(),
  }),
  z.object({
    type: z.literal('assistant'),
    message: z.object({ content }),
    parent_tool_use_id: z.string().nullish(),
  }),
  z.object({
    type: z.literal('user'),
    message: z.object({ content }),
    parent_tool_use_id: z.string().nullish(),
  }),
  Result,
])
export type ClaudeMessage = z.infer<typeof Message>

/** A line as a message; null when it is none that matters. `isMessage`: it is one of Claude Code's all the same, so it is no output of something else. */
export const readClaude = (line: string): { message: ClaudeMessage | null; isMessage: boolean } => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { message: null, isMessage: false }
  }
  const isMessage = z.object({ type: z.string() }).safeParse(value).success
  return { message: Message.safeParse(value).data ?? null, isMessage }
}

/** What vpd says first: which calls it wants to see. */
export const initialize = {
  type: 'control_request',
  request_id: 'vpd-1',
  request: { subtype: 'initialize', hooks: { PreToolUse: [{ matcher: null, hookCallbackIds: ['vpd'] }] } },
}

export const userMessage = (text: string): unknown => ({
  type: 'user',
  session_id: '',
  parent_tool_use_id: null,
  message: { role: 'user', content: [{ type: 'text', text }] },
})

export const answer = (request: string, response: unknown): unknown => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: request, response },
})

/** An answer to a request that vpd does not know. */
export const cannot = (request: string, error: string): unknown => ({
  type: 'control_response',
  response: { subtype: 'error', request_id: request, error },
})

export const interrupt = { type: 'control_request', request_id: 'vpd-2', request: { subtype: 'interrupt' } }

/** The word about a call, as a hook says it. `ask`: it is put to `can_use_tool`. */
export const hookWord = (decision: 'allow' | 'deny' | 'ask', why: string): unknown => ({
  hookSpecificOutput: {
    hookEventName: 'PreToolUse',
    permissionDecision: decision,
    permissionDecisionReason: why,
  },
})
