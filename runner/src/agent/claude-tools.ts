/**
 * May Claude Code make this call of a tool?
 * Commands are put to the policy. Files are read in the step's folder and written in the clone, in edit mode alone. What is not known here is not run.
 */
import path from 'node:path'
import { commandAsk, questionAsk, serverCall, type Decide } from './asks.ts'
import type { AgentTask, Ask } from './driver.ts'
import type { AgentEvent } from './event.ts'
import { isInside } from './inside.ts'
import { placeOf } from './place.ts'

export type ToolCall = {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  readonly cwd: string
}

export type Verdict =
  | { readonly say: 'allow'; readonly why: string }
  | { readonly say: 'deny'; readonly why: string }
  /** A person is asked: the session is parked. */
  | { readonly say: 'ask'; readonly ask: Ask; readonly why: string }
  /** The plan is made. */
  | { readonly say: 'plan'; readonly plan: string }

/** What the answer depends on. `plans`: where Claude Code keeps the plan it is writing. `decide`: see `decideWith`. */
export type Ground = Pick<AgentTask, 'mode' | 'cwd' | 'folder' | 'env' | 'wall' | 'settings'> & {
  readonly plans: string
  readonly decide: Decide
}

/** Calls that touch nothing outside the agent itself; what sub-agents want to do is asked about by itself. */
const inward = new Set(
  'Task Agent TaskStop TaskOutput TodoWrite TaskCreate TaskUpdate TaskGet TaskList KillShell BashOutput ToolSearch'.split(
    ' ',
  ),
)
/** Where each says what it touches. */
const reading = new Map([
  ['Read', 'file_path'],
  ['Glob', 'path'],
  ['Grep', 'path'],
  ['LS', 'path'],
])
const writing = new Map([
  ['Edit', 'file_path'],
  ['MultiEdit', 'file_path'],
  ['Write', 'file_path'],
  ['NotebookEdit', 'notebook_path'],
])
const network = new Map([
  ['WebFetch', 'url'],
  ['WebSearch', 'query'],
])

/** The word about one call. */
export const verdict = (call: ToolCall, ground: Ground): Verdict => {
  const { tool, input } = call
  if (tool === 'Bash') return command(text(input, 'command'), call, ground)
  if (inward.has(tool)) return allow
  if (reading.has(tool)) return read(call, ground)
  if (writing.has(tool)) return write(call, ground)
  if (network.has(tool)) {
    const what = text(input, network.get(tool) ?? '')
    if (ground.wall.isolation.network === 'none') return deny('This step has no network.')
    return what === '' ? deny(`${tool} says nothing to look for.`) : command([tool, what], call, ground)
  }
  if (tool === 'ExitPlanMode') return plan(input, ground)
  if (tool === 'AskUserQuestion') return question(input)
  const called = serverTool(tool, ground)
  return called ? ofServer(called, call, ground) : deny(`The tool ${tool} is not available in this step.`)
}

const ofServers = 'mcp__'

/** A tool of a server that was loaded; its name holds the server's, which has no `__` in it. */
const serverTool = (tool: string, { settings }: Ground): { server: string; name: string } | null => {
  const end = tool.startsWith(ofServers) ? tool.indexOf('__', ofServers.length + 1) : -1
  const [server, name] = [tool.slice(ofServers.length, end), tool.slice(end + 2)]
  return end > 0 && name !== '' && settings?.servers.some((one) => one.name === server) ? { server, name } : null
}

const ofServer = (
  { server, name }: { server: string; name: string },
  { cwd, input }: ToolCall,
  ground: Ground,
): Verdict => {
  const { looked, whole } = serverCall(server, name, input)
  const { decision, why } = ground.decide(looked, cwd, whole)
  if (decision === 'allow') return { say: 'allow', why }
  if (decision === 'deny') return deny(why)
  return { say: 'ask', why, ask: commandAsk(whole, placeOf(ground, cwd), why) }
}

const allow: Verdict = { say: 'allow', why: 'it stays in the step' }
const deny = (why: string): Verdict => ({ say: 'deny', why })
const text = (input: ToolCall['input'], key: string): string => {
  const value = input[key]
  return typeof value === 'string' ? value : ''
}

const command = (what: readonly string[] | string, { cwd, input }: ToolCall, ground: Ground): Verdict => {
  if (what === '') return deny('There is no command.')
  const { decision, why } = ground.decide(what, cwd)
  if (decision === 'allow') return { say: 'allow', why }
  if (decision === 'deny') return deny(why)
  const reason = text(input, 'description') || why
  return { say: 'ask', why, ask: commandAsk(what, placeOf(ground, cwd), reason) }
}

const read = ({ tool, input, cwd }: ToolCall, { folder }: Ground): Verdict => {
  const pattern = tool === 'Glob' ? text(input, 'pattern') : ''
  const from = path.resolve(cwd, text(input, reading.get(tool) ?? ''))
  // A pattern begins at its folder, unless it is absolute or climbs; then the part before its first wildcard tells.
  const begins = pattern === '' ? from : path.resolve(from, pattern.split(/[*?[{]/)[0] ?? '')
  const wild = pattern.search(/[*?[{]/)
  const climbs = wild >= 0 && pattern.includes('..', wild)
  return !climbs && [from, begins].every((one) => isInside(one, cwd, [folder]))
    ? allow
    : deny(`Files outside the folder of this step are not read: ${folder}`)
}

const write = ({ tool, input, cwd }: ToolCall, ground: Ground): Verdict => {
  const file = text(input, writing.get(tool) ?? '')
  if (file === '') return deny(`${tool} names no file.`)
  if (ground.mode === 'plan' && isInside(file, cwd, [ground.plans])) return allow
  if (ground.mode !== 'edit') return deny(`This step changes no files: its mode is ${ground.mode}.`)
  if (isInside(file, cwd, [path.join(ground.cwd, '.git')])) return deny('Files of git itself are not edited.')
  return isInside(file, cwd, [ground.cwd, ground.env['TMPDIR'] ?? ground.cwd])
    ? allow
    : deny(`Only files in the working directory may be changed: ${ground.cwd}`)
}

const plan = (input: ToolCall['input'], { mode }: Ground): Verdict => {
  if (mode !== 'plan') return deny('There is no plan to hand in in this step.')
  const made = text(input, 'plan').trim()
  return made === '' ? deny('The plan is empty. Write it down first, then hand it in.') : { say: 'plan', plan: made }
}

const question = (input: ToolCall['input']): Verdict => {
  const questions = (Array.isArray(input['questions']) ? input['questions'] : []) as readonly unknown[]
  const asked = questions.flatMap((one) => {
    const { question: words, options } = Object(one) as { question?: unknown; options?: unknown }
    const labels = Array.isArray(options) ? options.map((o) => (Object(o) as { label?: unknown }).label) : []
    return typeof words === 'string' ? [{ words, labels: labels.filter((l) => typeof l === 'string') }] : []
  })
  if (asked.length === 0) return deny('The question is empty.')
  // One answer is one text: several questions are put as one, with their options beside them.
  const only = asked.length === 1 ? asked[0] : undefined
  const all = asked.map(({ words, labels }) => `${words}${!only && labels.length ? ` (${labels.join(' / ')})` : ''}`)
  return { say: 'ask', ask: questionAsk(all.join('\n'), only?.labels ?? []), why: 'a person is asked' }
}

type Kind = Extract<AgentEvent, { event: 'tool' }>['kind']
const kinds = new Map<string, Kind>(
  Object.entries({
    read: ['Read', 'LS'],
    search: ['Glob', 'Grep'],
    execute: ['Bash'],
    edit: [...writing.keys()],
    fetch: [...network.keys()],
    think: ['TodoWrite', 'TaskCreate', 'TaskUpdate', 'ExitPlanMode'],
  }).flatMap(([kind, tools]) => tools.map((tool) => [tool, kind as Kind] as const)),
)
const titles = new Map([
  ...reading,
  ...writing,
  ...network,
  ['Bash', 'command'],
  ['Glob', 'pattern'],
  ['Grep', 'pattern'],
  ['Task', 'description'],
  ['Agent', 'description'],
])

/** What a call touches: a command, a path, an address, all that a tool of a server is given; empty where it names none. */
export const touches = ({ tool, input }: Pick<ToolCall, 'tool' | 'input'>): string =>
  tool.startsWith(ofServers) ? JSON.stringify(input) : text(input, titles.get(tool) ?? '')

/** A call as an event: what it touches, in one line. */
export const toolEvent = (tool: string, input: ToolCall['input']): AgentEvent => {
  const what = touches({ tool, input })
  return {
    event: 'tool',
    kind: kinds.get(tool) ?? 'other',
    title: `${tool}${what === '' ? '' : ` ${what.slice(0, 2_000)}`}`,
  }
}
