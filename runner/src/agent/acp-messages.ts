/** Which of the Agent Client Protocol's messages does vpd read, and what of them? Version 1: https://agentclientprotocol.com/protocol */
import { z } from 'zod'

const text = z.string()
const Content = z.object({ type: text, text: text.optional() }).loose()

export const ToolCall = z.object({
  toolCallId: text,
  title: text.nullish(),
  kind: text.nullish(),
  status: text.nullish(),
  rawInput: z.unknown().optional(),
  locations: z.array(z.object({ path: text })).nullish(),
  content: z.array(z.object({ type: text, path: text.optional(), content: Content.optional() }).loose()).nullish(),
})
export type ToolCall = z.infer<typeof ToolCall>

export const Update = z.object({
  sessionId: text,
  update: z
    .object({
      sessionUpdate: text,
      content: z.unknown().optional(),
      currentModeId: text.optional(),
      entries: z.array(z.object({ content: text }).loose()).optional(),
    })
    .loose(),
})
export const Chunk = Content

export const PermissionAsk = z.object({
  sessionId: text,
  toolCall: ToolCall,
  options: z.array(z.object({ optionId: text, kind: text })),
})
export type PermissionAsk = z.infer<typeof PermissionAsk>

export const Initialized = z.object({
  protocolVersion: z.number(),
  agentCapabilities: z
    .object({
      loadSession: z.boolean().nullish(),
      sessionCapabilities: z.object({ resume: z.unknown().optional() }).loose().nullish(),
    })
    .loose()
    .nullish(),
})

const Modes = z.object({ currentModeId: text, availableModes: z.array(z.object({ id: text })) })
/** Newer agents tell their modes as one of their options. */
const Options = z.array(
  z.object({
    id: text,
    category: text.nullish(),
    currentValue: z.unknown().optional(),
    options: z.array(z.object({ value: text }).loose()).nullish(),
  }),
)
export const OptionsTold = z.object({ configOptions: Options })
export const SessionReady = z.object({
  sessionId: text.optional(),
  modes: Modes.nullish(),
  configOptions: Options.nullish(),
})

/** The option that is a mode, if there is one. */
export const modeOption = (options: z.infer<typeof Options> | null | undefined) =>
  options?.find(({ id, category }) => category === 'mode' || (!category && id === 'mode')) ?? null
/** The option that is the model, if there is one. */
export const modelChoice = (options: z.infer<typeof Options> | null | undefined) =>
  options?.find(({ id, category }) => category === 'model' || (!category && id === 'model')) ?? null
export type SessionReady = z.infer<typeof SessionReady>

const count = z.number().nullish()
export const PromptEnd = z.object({
  stopReason: text,
  usage: z
    .object({ inputTokens: count, outputTokens: count, cachedReadTokens: count, cachedWriteTokens: count })
    .nullish(),
  _meta: z
    .object({ quota: z.object({ token_count: z.object({ input_tokens: count, output_tokens: count }) }).nullish() })
    .loose()
    .nullish()
    .catch(null),
})
export type PromptEnd = z.infer<typeof PromptEnd>
