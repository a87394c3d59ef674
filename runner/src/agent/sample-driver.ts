/**
 * How does vpd work with the sample agent?
 * Its program is started like any agent's; its messages are read one line at a time, and what is not a message is only output. An ask that nobody
 * may answer by policy ends the process: the session is parked.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { foundAt } from './asks.ts'
import { placeOf } from './place.ts'
import { lineSplitter } from '../process/lines.ts'
import { startProgram, type Running } from '../process/start-program.ts'
import { failed } from '../work/failure.ts'
import { noUsage } from '@viewportai/core/run/state'
import type { Usage } from '@viewportai/core/run/facts'
import { checkEnd } from './ended.ts'
import type { AgentEnd, AgentTask, Ask, Driver } from './driver.ts'
import { toolKinds } from './event.ts'
import type { ToSample } from './sample-messages.ts'
import { readScript } from './sample-script.ts'

const text = z.string().max(200_000)
const Message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), text }),
  z.object({ type: z.literal('plan'), text }),
  z.object({ type: z.literal('tool'), kind: z.enum(toolKinds), title: z.string().max(2_000) }),
  z.object({
    type: z.literal('permission'),
    ask: z.string().max(200),
    argv: z.array(z.string()).min(1).max(200),
    reason: z.string().max(2_000),
  }),
  z.object({
    type: z.literal('question'),
    ask: z.string().max(200),
    text: z.string().max(4_000),
    choices: z.array(z.string().max(200)).max(20),
  }),
  z.object({
    type: z.literal('usage'),
    inputTokens: z.int().nonnegative(),
    outputTokens: z.int().nonnegative(),
    usdMicros: z.int().nonnegative(),
  }),
  z.object({ type: z.literal('finish'), text }),
])

/** The program: a source file in a clone, its bundle beside vpd's in the published package. */
const program = (): string => {
  const candidates = ['./sample-agent.ts', './sample-agent.js'].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  )
  const found = candidates.find((file) => existsSync(file))
  if (!found)
    throw failed(
      'agent',
      'agent_not_here',
      'The program of the sample agent is missing from this installation of vpd.',
      'Install @viewportai/daemon again.',
      { retrySafe: true },
    )
  return found
}

/** The scripted sample agent. `home`: the runner's home, where its script may stand. `version`: of vpd, whose part it is. */
export const sampleDriver = (home: string, version: string): Driver => ({
  name: 'sample',
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'agent',
    asks: 'agent',
    resumes: 'agent',
    usage: 'agent',
    timeLimit: 'vpd',
    network: 'none',
    files: 'none',
  },
  modes: ['plan', 'read', 'edit', 'review'],
  speaks: [],
  takesModel: false,
  settings: [],
  detect: async () => ({
    name: 'sample',
    version,
    path: null,
    usable: true,
    tested: true,
    modes: ['plan', 'read', 'edit', 'review'],
    note: 'the scripted sample agent: no model, one kind of bug',
  }),
  run: (task) => run(home, task),
})

const run = async (home: string, task: AgentTask): Promise<AgentEnd> => {
  const file = program()
  const script = await readScript(home, task.mode, task.round, task.attempt)
  let usage: Usage = noUsage
  let end: AgentEnd | null = null
  let running: Running | null = null
  const held: ToSample[] = []
  const send = (message: ToSample): void =>
    void (running ? running.write(`${JSON.stringify(message)}\n`) : held.push(message))
  const park = (ask: Ask): void => {
    end ??= { end: 'parked', ask, usage }
    running?.stop()
  }
  const take = (line: string): void => {
    if (end) return // nothing counts after the end
    const message = Message.safeParse(parsed(line)).data
    if (!message) return task.on({ event: 'output', bytes: Buffer.from(`${line}\n`), from: 'out' })
    switch (message.type) {
      case 'message':
        return task.on({ event: 'message', text: message.text })
      case 'plan':
        return task.on({ event: 'plan', text: message.text })
      case 'tool':
        return task.on({ event: 'tool', kind: message.kind, title: message.title })
      case 'usage': {
        usage = {
          inputTokens: message.inputTokens,
          outputTokens: message.outputTokens,
          cachedTokens: null,
          usdMicros: message.usdMicros,
          source: 'agent',
        }
        return task.on({ event: 'usage', usage })
      }
      case 'permission': {
        const { decision, why } = task.decide(message.argv)
        task.on({ event: 'permission', command: message.argv, decision, why })
        if (decision === 'ask')
          return park({
            ask: message.ask,
            argv: message.argv,
            cwd: '.',
            where: foundAt(placeOf(task, '.')),
            reason: message.reason,
            choices: [],
          })
        return send({ type: 'verdict', ask: message.ask, allow: decision === 'allow', why })
      }
      case 'question':
        task.on({ event: 'question', text: message.text })
        return park({
          ask: message.ask,
          argv: null,
          cwd: null,
          where: null,
          reason: message.text,
          choices: message.choices,
        })
      case 'finish':
        end = { end: 'finished', text: message.text, usage }
    }
  }
  const lines = lineSplitter(({ text: line, cut }) =>
    cut ? task.on({ event: 'message', text: '[a line that is too long]' }) : take(line),
  )
  running = await startProgram({
    argv: [process.execPath, file],
    reads: [path.dirname(file), ...[path.resolve(file, '../../../package.json')].filter((one) => existsSync(one))],
    cwd: task.cwd,
    env: task.env,
    input: 'open',
    wall: task.wall,
    folder: task.folder,
    seconds: task.seconds,
    signal: task.signal,
    onOutput: (bytes, from) => (from === 'out' ? lines.write(bytes) : task.on({ event: 'output', bytes, from })),
  })
  const { mode, round, title, report, plan, feedback, context, branch, answers, state } = task
  send({
    type: 'start',
    mode,
    round,
    title,
    report,
    plan,
    feedback,
    context: context.map((one) => ({ id: one.id, title: one.title, file: one.file })),
    branch,
    answers,
    state,
    script,
  })
  for (const message of held) send(message)
  const ended = await running.ended
  lines.end()
  const result = end as AgentEnd | null
  if (result?.end === 'parked' && !task.signal.aborted) return result
  checkEnd('The sample agent', ended, task.seconds)
  if (!result)
    throw failed('agent', 'agent_failed', 'The sample agent ended without a result.', 'The end of its log says why.', {
      started: true,
    })
  return { ...result, usage }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
