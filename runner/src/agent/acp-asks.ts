/**
 * What does an agent of the Agent Client Protocol hear when it asks?
 * Once, or not: what would hold for good is never agreed to. Its protocol has no place for a reason.
 */
import path from 'node:path'
import { commandAsk, type Decide } from './asks.ts'
import type { AcpAgent } from './acp-config.ts'
import type { PermissionAsk, ToolCall } from './acp-messages.ts'
import type { AgentTask, Ask } from './driver.ts'
import { isInside } from './inside.ts'
import { placeOf } from './place.ts'

/** The word about an ask. `plan`: the agent hands in a plan. */
export type AcpVerdict =
  | { readonly say: 'allow' | 'deny'; readonly what: readonly string[] | string; readonly why: string }
  | { readonly say: 'ask'; readonly ask: Ask; readonly what: readonly string[] | string; readonly why: string }
  | { readonly say: 'plan'; readonly text: string }

/** Where agents name the folder that a command shall run in. */
const folderKeys = ['cwd', 'workdir', 'working_directory', 'workingDirectory', 'directory', 'dir_path']

/** Looks at one call that is asked about. `decide`: see `decideWith`. */
export const acpVerdict = (
  agent: Pick<AcpAgent, 'titleIsCommand'>,
  task: Pick<AgentTask, 'mode' | 'cwd' | 'folder' | 'env' | 'wall'>,
  decide: Decide,
  call: ToolCall,
): AcpVerdict => {
  const title = call.title ?? 'a call without a name'
  const asked = (what: readonly string[] | string): AcpVerdict => {
    const cwd = textIn(call.rawInput, folderKeys) ?? '.'
    const { decision, why } = decide(what, cwd)
    return decision === 'ask'
      ? { say: 'ask', what, why, ask: commandAsk(what, placeOf(task, cwd), why) }
      : { say: decision, what, why }
  }
  switch (call.kind) {
    case 'execute': {
      const command = commandOf(call, agent.titleIsCommand)
      if (command !== null) return asked(command)
      const why = 'the agent does not say which command it is'
      return { say: 'deny', what: [title], why }
    }
    case 'edit':
    case 'delete':
    case 'move':
      return change(task, call)
    case 'read':
    case 'search': {
      const paths = pathsOf(call)
      return paths.length > 0 && paths.every((file) => isInside(file, task.cwd, [task.folder]))
        ? { say: 'allow', what: [call.kind, ...paths], why: 'it stays in the step' }
        : { say: 'deny', what: [call.kind, ...paths], why: 'files outside the folder of this step are not read' }
    }
    case 'fetch':
      if (task.wall.isolation.network === 'none')
        return { say: 'deny', what: ['fetch', title], why: 'this step has no network' }
      return asked(['fetch', title])
    case 'switch_mode': {
      const plan = textIn(call.rawInput, ['plan'])
      if (task.mode === 'plan' && plan) return { say: 'plan', text: plan }
      return { say: 'deny', what: ['switch mode', title], why: 'the mode of this step stays as it is' }
    }
    default:
      return asked([call.kind ?? 'other', title])
  }
}

const change = (task: Pick<AgentTask, 'mode' | 'cwd'>, call: ToolCall): AcpVerdict => {
  const paths = pathsOf(call)
  const what = [call.kind ?? 'edit', ...paths]
  const no = (why: string): AcpVerdict => ({ say: 'deny', what, why })
  if (task.mode !== 'edit') return no('this step changes no files')
  if (paths.length === 0) return no('it does not say which files')
  if (!paths.every((file) => isInside(file, task.cwd, [task.cwd])))
    return no('a file lies outside the working directory')
  if (paths.some((file) => isInside(file, task.cwd, [path.join(task.cwd, '.git')])))
    return no('files of git itself are not edited')
  return { say: 'allow', what, why: 'it stays in the working directory' }
}

const pathsOf = (call: ToolCall): string[] => {
  const told = [
    ...(call.locations ?? []).map((one) => one.path),
    ...(call.content ?? []).flatMap((one) => (one.type === 'diff' && one.path ? [one.path] : [])),
  ]
  const raw = textIn(call.rawInput, ['file_path', 'filePath', 'path', 'abs_path'])
  return [...new Set(raw === null ? told : [...told, raw])]
}

/** The command that will run, whole: some agents name its arguments apart from its program. Null where it cannot be told. */
const commandOf = (call: ToolCall, titleIsCommand: boolean): readonly string[] | string | null => {
  const { command, args } = Object(call.rawInput) as { command?: unknown; args?: unknown }
  const more = args === undefined || args === null ? [] : areWords(args) ? args : null
  if (typeof command === 'string' && command !== '')
    return more === null ? null : more.length === 0 ? command : [command, ...more]
  if (areWords(command) && command.length > 0) return more === null ? null : [...command, ...more]
  return titleIsCommand && call.title ? call.title : null
}

const areWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string')

const textIn = (value: unknown, keys: readonly string[]): string | null => {
  if (typeof value !== 'object' || value === null) return null
  for (const [key, found] of Object.entries(value))
    if (keys.includes(key) && typeof found === 'string' && found !== '') return found
  return null
}

/** The answer in the protocol's words: for this once. Where an agent offers only what holds for good, or has no way to say no, it is cancelled. */
export const acpOutcome = (options: PermissionAsk['options'], allow: boolean): object => {
  const option = options.find(({ kind }) => kind === (allow ? 'allow_once' : 'reject_once'))
  return { outcome: option ? { outcome: 'selected', optionId: option.optionId } : { outcome: 'cancelled' } }
}
