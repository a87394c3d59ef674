/**
 * How does any program become an agent?
 * The prompt comes on standard input, or in the place of `{prompt}` in its arguments. In edit mode the changed files are the result and
 * its output the summary; in the other modes its standard output is the plan or the text. It cannot ask or resume, and tells no usage;
 * what it uses of models is counted where it goes through the gateway.
 */
import { modelEnvironment } from '../model/access.ts'
import { findProgram } from '../process/find-program.ts'
import { collectedText } from '../process/capped-output.ts'
import { runProgram } from '../process/start-program.ts'
import { failed } from '../work/failure.ts'
import type { Setup } from '../work/port.ts'
import { plainText } from './plain-text.ts'
import { checkEnd } from './ended.ts'
import { withModel } from './with-model.ts'
import { unknownUsage, type AgentEnd, type AgentTask, type Driver } from './driver.ts'

/** Most bytes of an answer. */
const textCap = 1_000_000
/** A single argument cannot be longer on Linux (MAX_ARG_STRLEN). */
const argumentCap = 128 * 1024 - 1

/** The driver of one configured command. */
export const commandDriver = (name: string, command: Setup['commands'][string]): Driver => ({
  name,
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'none',
    asks: 'none',
    resumes: 'none',
    usage: 'none',
    timeLimit: 'vpd',
    network: 'none',
    files: 'none',
  },
  modes: command.modes,
  speaks: command.models ?? [],
  takesModel: command.model !== undefined,
  settings: [],
  detect: async () => {
    const path = findProgram(command.argv[0] ?? '')
    return {
      name,
      version: null,
      path,
      usable: path !== null,
      tested: false,
      modes: [...command.modes],
      note: path === null ? `${command.argv[0] ?? 'its program'} is not on this machine` : 'a configured command',
    }
  },
  run: (task) => run(name, command, task),
})

const run = async (name: string, command: Setup['commands'][string], task: AgentTask): Promise<AgentEnd> => {
  const program = findProgram(command.argv[0] ?? '', task.env['PATH'])
  if (!program)
    throw failed(
      'agent',
      'agent_not_here',
      `The program of the agent ${name} (${command.argv[0] ?? 'none'}) is not on this runner.`,
      'Install it there, or choose another agent.',
      { retrySafe: true },
    )
  const asArgument = command.promptAs === 'argument'
  if (asArgument && Buffer.byteLength(task.prompt) > argumentCap)
    throw failed(
      'agent',
      'prompt_too_long',
      `The prompt is longer than one argument of a program may be.`,
      `Configure the agent ${name} to take its prompt on standard input.`,
      { retrySafe: false },
    )
  const forModel = task.modelName === null ? [] : withModel(command.model ?? [], task.modelName)
  const placed = [...command.argv.slice(1), ...forModel].map((word) =>
    asArgument ? word.replaceAll('{prompt}', () => task.prompt) : word,
  )
  const argv = [
    program,
    ...placed,
    ...(asArgument && !command.argv.some((word) => word.includes('{prompt}')) ? [task.prompt] : []),
  ]
  const answer = collectedText(textCap)
  const ended = await runProgram({
    argv,
    cwd: task.cwd,
    env: { ...task.env, ...modelEnvironment(task.model) },
    input: asArgument ? null : task.prompt,
    wall: task.wall,
    folder: task.folder,
    seconds: task.seconds,
    signal: task.signal,
    onOutput: (bytes, from) => {
      if (from === 'out') answer.write(bytes)
      task.on({ event: 'output', bytes, from })
    },
  })
  checkEnd(`The agent ${name}`, ended, task.seconds)
  const text = plainText(answer.text()).trim()
  if (task.mode !== 'edit' && answer.overflowed())
    throw failed(
      'agent',
      'answer_too_long',
      `The answer of ${name} is longer than ${textCap} bytes.`,
      'Ask it for less at once.',
      { started: true },
    )
  return { end: 'finished', text, usage: unknownUsage }
}
