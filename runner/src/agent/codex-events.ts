/** What does Codex do, in the words of all agents, and what is its last word? */
import path from 'node:path'
import type { AgentEvent } from './event.ts'
import { ErrorTold, Item, ItemTold, RawTold, TokensTold, TurnBegun } from './codex-messages.ts'
import { commandIn } from './shell-words.ts'

/** Sums of this attempt. `input`: without what a cache had. */
export type CodexTokens = { input: number; cached: number; output: number }

/** What was heard of one attempt. */
export type Heard = {
  /** Takes a notification into account. */
  take(method: string, params: unknown): void
  /** The plan, else the last message. `thread`: of the main agent; what its helpers say is not the answer. */
  answer(thread: string): string
  /** Paths that a change wants to touch; null when nothing was said of it. */
  changeOf(item: string): string[] | null
  tokens(): CodexTokens | null
}

export const hear = (cwd: string, on: (event: AgentEvent) => void): Heard => {
  const changes = new Map<string, string[]>()
  const told = new Set<string>()
  const raw = new Map<string, string>()
  const messages = new Map<string, string>()
  const plans = new Map<string, string>()
  const turns = new Set<string>()
  const sum: CodexTokens = { input: 0, cached: 0, output: 0 }
  let counted = false
  const short = (file: string): string => {
    const inside = path.relative(cwd, path.resolve(cwd, file))
    return inside.startsWith('..') ? file : inside
  }
  const began = (item: Item): void => {
    switch (item.type) {
      case 'commandExecution': {
        const command = commandIn(item.command)
        return on({ event: 'tool', kind: 'execute', title: typeof command === 'string' ? command : item.command })
      }
      case 'fileChange': {
        const paths = item.changes.flatMap(({ path: file, kind }) => [
          file,
          ...(kind?.move_path ? [kind.move_path] : []),
        ])
        changes.set(item.id, paths)
        return on({ event: 'tool', kind: 'edit', title: paths.map(short).join(', ') })
      }
      case 'mcpToolCall':
        return on({ event: 'tool', kind: 'other', title: `${item.server} ${item.tool}` })
      case 'webSearch':
        return on({ event: 'tool', kind: 'fetch', title: item.query ?? 'a search of the web' })
      case 'collabAgentToolCall':
        return on({ event: 'tool', kind: 'other', title: `another agent: ${(item.prompt ?? '').slice(0, 500)}` })
      default:
        return
    }
  }
  const ended = (thread: string, item: Item): void => {
    if (item.type === 'agentMessage' && item.text.trim() !== '') {
      messages.set(thread, item.text)
      on({ event: 'message', text: item.text })
    } else if (item.type === 'plan') {
      plans.set(thread, item.text)
      on({ event: 'plan', text: item.text })
    } else if (item.type === 'reasoning' && item.summary.length > 0)
      on({ event: 'tool', kind: 'think', title: item.summary.join(' ').slice(0, 2_000) })
    else if (item.type === 'commandExecution') {
      if (item.aggregatedOutput)
        on({ event: 'output', bytes: Buffer.from(withEnd(item.aggregatedOutput)), from: 'out' })
      if (item.status === 'declined') on({ event: 'message', text: 'The command was not run.' })
      else if (item.exitCode) on({ event: 'message', text: `It ended with exit code ${item.exitCode}.` })
    }
  }
  /** A call of the model that no event spoke of: seen when its result is there. */
  const rawItem = (params: unknown): void => {
    const item = RawTold.safeParse(params).data?.item
    if (!item?.call_id) return
    if (item.type.endsWith('_output')) {
      const title = raw.get(item.call_id)
      if (title !== undefined && !told.has(item.call_id)) on({ event: 'tool', kind: 'other', title })
      raw.delete(item.call_id)
    } else raw.set(item.call_id, `${item.name ?? item.type} ${item.arguments ?? item.input ?? ''}`.slice(0, 2_000))
  }
  return {
    take: (method, params) => {
      if (method === 'item/started' || method === 'item/completed') {
        const one = ItemTold.safeParse(params).data
        if (!one) return
        told.add(one.item.id)
        const item = Item.safeParse(one.item).data
        if (!item) return
        if (method === 'item/started') began(item)
        else ended(one.threadId, item)
      } else if (method === 'rawResponseItem/completed') rawItem(params)
      else if (method === 'turn/started') {
        const begun = TurnBegun.safeParse(params).data
        if (begun) turns.add(begun.turn.id)
      } else if (method === 'thread/tokenUsage/updated') {
        const one = TokensTold.safeParse(params).data
        // A session that goes on begins by telling again what its last turn used.
        if (!one || !turns.has(one.turnId)) return
        const { last } = one.tokenUsage
        counted = true
        sum.input += Math.max(0, last.inputTokens - last.cachedInputTokens)
        sum.cached += last.cachedInputTokens
        sum.output += last.outputTokens
      } else if (method === 'error') {
        const one = ErrorTold.safeParse(params).data
        if (one)
          on({ event: 'message', text: `Codex: ${one.error.message}${one.willRetry ? ' (it tries again)' : ''}` })
      }
    },
    answer: (thread) => plans.get(thread) ?? messages.get(thread) ?? '',
    changeOf: (item) => changes.get(item) ?? null,
    tokens: () => (counted ? { ...sum } : null),
  }
}

const withEnd = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)
