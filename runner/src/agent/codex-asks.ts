/**
 * What does Codex hear when it asks?
 * Every command and every change is asked for. The policy's word is given at once; what a person has to decide parks the session.
 */
import path from 'node:path'
import { ChangeAsk, CommandAsk, ElicitationAsk, QuestionAsk } from './codex-messages.ts'
import type { AgentTask, Ask } from './driver.ts'
import { commandAsk, questionAsk, serverCall, type Decide } from './asks.ts'
import { isInside } from './inside.ts'
import { placeOf } from './place.ts'
import { PeerRefused } from './peer.ts'
import { commandIn } from './shell-words.ts'

/** What the asks of one attempt need. */
export type CodexAsking = {
  readonly task: AgentTask
  /** The word about a command, with what people answered before. */
  readonly decide: Decide
  /** Paths a change wants to touch. */
  changeOf(item: string): string[] | null
  /** Says why to the model, before it gets the no. */
  explain(thread: string, turn: string, words: string): Promise<void>
  /** Ends the attempt; nothing is answered any more. `text`: what was asked about. */
  park(ask: Ask, text: string): void
}

/** Answers one request of Codex. Never resolves when the session is parked. Throws PeerRefused for what vpd does not know. */
export const answerCodex = async (asking: CodexAsking, method: string, params: unknown): Promise<unknown> => {
  switch (method) {
    case 'item/commandExecution/requestApproval':
      return command(asking, CommandAsk.parse(params))
    case 'item/fileChange/requestApproval':
      return change(asking, ChangeAsk.parse(params))
    case 'item/tool/requestUserInput':
      return question(asking, QuestionAsk.parse(params))
    case 'mcpServer/elicitation/request':
      return server(asking, ElicitationAsk.parse(params))
    case 'item/permissions/requestApproval':
      return { permissions: {}, scope: 'turn' } // nothing of what was asked for
    default:
      throw new PeerRefused(method, { code: -32_601, message: 'vpd does not do this' })
  }
}

const never = new Promise<never>(() => {})

const command = async (asking: CodexAsking, ask: CommandAsk): Promise<unknown> => {
  const { task } = asking
  const refuse = async (what: readonly string[] | string, why: string): Promise<unknown> => {
    task.on({ event: 'permission', command: what, decision: 'deny', why })
    await asking.explain(
      ask.threadId,
      ask.turnId,
      `This command was not run:\n${shown(what)}\n\nWhy: ${why}. Go on without it.`,
    )
    return { decision: 'decline' }
  }
  if (!ask.command || ask.networkApprovalContext)
    return refuse(['network'], 'hosts are opened by the policy of this runner alone')
  const wanted = commandIn(ask.command)
  if (ask.kind !== undefined && ask.kind !== 'command')
    return refuse(wanted, 'typing into a running program cannot be looked at; put it into one command')
  if (ask.additionalPermissions) return refuse(wanted, 'it asks for more than this step has')
  const cwd = ask.cwd ?? '.'
  const { decision, why } = asking.decide(wanted, cwd)
  if (decision === 'deny') return refuse(wanted, why)
  task.on({ event: 'permission', command: wanted, decision, why })
  if (decision === 'allow') return { decision: 'accept' }
  asking.park(commandAsk(wanted, placeOf(task, cwd), ask.reason ?? why), shown(wanted))
  return never
}

/** A call of a tool of a server that was loaded is looked at like a command. What a server itself wants to know is not answered. */
const server = async (asking: CodexAsking, ask: ReturnType<typeof ElicitationAsk.parse>): Promise<unknown> => {
  const { task } = asking
  const call = ask._meta
  const isLoaded = task.settings?.servers.some(({ name }) => name === ask.serverName) === true
  const { looked, whole } = serverCall(ask.serverName, call?.tool_name ?? '', call?.tool_params)
  const { decision, why } = !isLoaded
    ? { decision: 'deny' as const, why: `the server ${ask.serverName} is none that this step may use` }
    : !call
      ? { decision: 'deny' as const, why: 'what a server asks by itself is not answered' }
      : asking.decide(looked, '.', whole)
  task.on({ event: 'permission', command: call ? whole : ['mcp', ask.serverName], decision, why })
  if (decision === 'allow') return { action: 'accept', content: {}, _meta: null }
  if (decision === 'ask') {
    asking.park(commandAsk(whole, placeOf(task, '.'), why), shown(whole))
    return never
  }
  if (ask.turnId) await asking.explain(ask.threadId, ask.turnId, `The call was not made: ${why}. Go on without it.`)
  return { action: 'decline', content: null, _meta: null }
}

/** A command as one text: what is shown, kept and compared. */
const shown = (wanted: readonly string[] | string): string =>
  typeof wanted === 'string' ? wanted : JSON.stringify(wanted)

type CommandAsk = ReturnType<typeof CommandAsk.parse>

const change = async (asking: CodexAsking, ask: ReturnType<typeof ChangeAsk.parse>): Promise<unknown> => {
  const { task } = asking
  const paths = asking.changeOf(ask.itemId)
  const why =
    task.mode !== 'edit'
      ? 'this step changes no files'
      : ask.grantRoot
        ? 'folders are not opened for good'
        : !paths || paths.length === 0
          ? 'it does not say which files'
          : paths.find((file) => !isInside(file, task.cwd, [task.cwd]))
            ? 'a file lies outside the working directory'
            : paths.find((file) => isInside(file, task.cwd, [path.join(task.cwd, '.git')]))
              ? 'files of git itself are not edited'
              : null
  if (why === null) return { decision: 'accept' }
  task.on({ event: 'permission', command: ['edit', ...(paths ?? [])], decision: 'deny', why })
  await asking.explain(ask.threadId, ask.turnId, `The change was not made: ${why}. Go on without it.`)
  return { decision: 'decline' }
}

const question = (asking: CodexAsking, ask: ReturnType<typeof QuestionAsk.parse>): Promise<never> => {
  const words = ask.questions.map((one) => one.question).join('\n\n')
  const [only] = ask.questions
  const choices = ask.questions.length === 1 ? (only?.options ?? []).map((one) => one.label) : []
  asking.task.on({ event: 'question', text: words })
  asking.park(questionAsk(words, choices), words)
  return never
}
