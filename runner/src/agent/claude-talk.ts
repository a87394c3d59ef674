/** What does vpd answer Claude Code, message by message, and what came of the talk? */
import { failed, type WorkFailed } from '../work/failure.ts'
import {
  answer,
  cannot,
  hookWord,
  interrupt,
  readClaude,
  type Block,
  type ClaudeMessage,
  type ClaudeResult,
} from './claude-messages.ts'
import { toolEvent, touches, verdict, type ToolCall, type Verdict } from './claude-tools.ts'
import type { AgentTask, Ask } from './driver.ts'

/** `task.decide` holds what people answered before. `over`: the talk has come to its end; the program may go. */
export type Side = {
  readonly task: AgentTask
  readonly plans: string
  send(message: unknown): void
  over(): void
}

export type Talked = {
  readonly result: ClaudeResult | null
  readonly ask: Ask | null
  readonly plan: string | null
  readonly fault: WorkFailed | null
  /** The last status of the provider that was tried again. */
  readonly status: number | null
}

/** Most of a tool's output that goes to the log. */
const shown = 4_000

export const talk = ({ task, plans, send, over }: Side) => {
  let [result, ask, plan, fault, status] = [null, null, null, null, null] as [
    ClaudeResult | null,
    Ask | null,
    string | null,
    WorkFailed | null,
    number | null,
  ]
  const said = new Map<string, Verdict>()
  const isOver = (): boolean => result !== null || fault !== null

  /** One word per call, however often it is asked about. Its id comes from the model's provider: the word on one command is none on another of the same id. */
  const wordFor = (use: string | null | undefined, call: ToolCall): Verdict => {
    const id = use ? JSON.stringify([use, call.tool, touches(call)]) : null
    const before = id ? said.get(id) : undefined
    if (before) return before
    const word = verdict(call, { ...task, plans })
    if (id) said.set(id, word)
    if (word.say !== 'plan' && (call.tool === 'Bash' || word.say !== 'allow'))
      task.on({
        event: 'permission',
        command: call.tool === 'Bash' ? String(call.input['command'] ?? '') : [call.tool, what(call)],
        decision: word.say,
        why: word.why,
      })
    return word
  }

  const request = (id: string, asked: Extract<ClaudeMessage, { type: 'control_request' }>['request']): void => {
    if (asked.subtype === 'other') return send(cannot(id, `vpd does not know ${asked.name}`))
    const [tool, input, cwd] =
      asked.subtype === 'hook_callback'
        ? [asked.input.tool_name, asked.input.tool_input, asked.input.cwd ?? task.cwd]
        : [asked.tool_name, asked.input, task.cwd]
    if (ask || plan !== null)
      return send(answer(id, asked.subtype === 'hook_callback' ? hookWord('deny', 'Stop here.') : stop))
    // The plan is not in the call when the hook sees it in some versions: `can_use_tool` has it in all.
    if (asked.subtype === 'hook_callback' && tool === 'ExitPlanMode' && task.mode === 'plan')
      return send(answer(id, {}))
    const word = wordFor(asked.tool_use_id, { tool, input, cwd })
    if (asked.subtype === 'hook_callback')
      return send(answer(id, word.say === 'plan' ? {} : hookWord(word.say, word.why)))
    if (word.say === 'allow') return send(answer(id, { behavior: 'allow', updatedInput: input }))
    if (word.say === 'deny') return send(answer(id, { behavior: 'deny', message: word.why }))
    if (word.say === 'plan') {
      plan = word.plan
      task.on({ event: 'plan', text: plan })
    } else {
      ask = word.ask
      if (ask.argv === null) task.on({ event: 'question', text: ask.reason })
    }
    send(answer(id, stop))
    over()
  }

  const blocks = (content: readonly Block[], inner: boolean): void => {
    for (const block of content) {
      if (block?.type === 'text' && !inner) task.on({ event: 'message', text: block.text })
      if (block?.type === 'tool_use') task.on(toolEvent(block.name, block.input))
      if (block?.type === 'tool_result') {
        const text = resultText(block.content)
        const cut = text.length > shown ? `${text.slice(0, shown)}\n[${text.length - shown} more characters]` : text
        if (cut !== '') task.on({ event: 'output', bytes: Buffer.from(`${cut}\n`), from: 'out' })
      }
    }
  }

  const take = (line: string): void => {
    if (isOver()) return
    const { message, isMessage } = readClaude(line)
    if (!message)
      return isMessage ? undefined : task.on({ event: 'output', bytes: Buffer.from(`${line}\n`), from: 'out' })
    switch (message.type) {
      case 'control_request':
        return request(message.request_id, message.request)
      case 'system':
        if (message.subtype === 'init') {
          const wanted = task.mode === 'plan' ? ['plan'] : ['default', 'manual']
          if (message.permissionMode && !wanted.includes(message.permissionMode))
            return broken(`it works in the mode ${message.permissionMode}, and not in ${wanted[0]}`)
          return task.on({
            event: 'message',
            text: `[Claude Code ${message.claude_code_version ?? ''}, ${message.model ?? 'model unknown'}]`,
          })
        }
        status = message.error_status ?? status
        return task.on({
          event: 'message',
          text: `[the model provider answered ${message.error_status ?? 'nothing'}; attempt ${message.attempt ?? '?'} of ${message.max_retries ?? '?'}]`,
        })
      case 'assistant':
      case 'user':
        return blocks(message.message.content as Block[], (message.parent_tool_use_id ?? null) !== null)
      case 'result':
        result = message
        return over()
    }
  }
  const broken = (why: string): void => {
    fault ??= failed(
      'agent',
      'agent_not_as_asked',
      `Claude Code cannot be used like this: ${why}.`,
      'Use a version that vpd was tested with; `vpd doctor` names it.',
      { started: true, retrySafe: false },
    )
    send(interrupt)
    over()
  }
  return {
    take,
    /** A message without an end. */
    tooLong: (): void => broken('one of its messages is longer than 32 million characters'),
    interrupt: (): void => send(interrupt),
    complaint: (bytes: Uint8Array): void => task.on({ event: 'output', bytes, from: 'err' }),
    ended: (): Talked => ({ result, ask, plan, fault, status }),
  }
}

const stop = {
  behavior: 'deny',
  message: 'The session stops here and goes on when a person has answered.',
  interrupt: true,
}

const what = ({ input }: ToolCall): string => {
  const first = Object.values(input).find((value) => typeof value === 'string')
  return typeof first === 'string' ? first.slice(0, 300) : ''
}

const resultText = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content
          .map((one) => (Object(one) as { text?: unknown }).text)
          .filter((text) => typeof text === 'string')
          .join('\n')
      : ''
