/**
 * How does vpd work with any agent that speaks the Agent Client Protocol?
 * Started by the owner's words, set to the mode in which it asks, and prompted only then. Each ask is answered for once; a question for a person
 * ends the process, and a later session goes on with the agent's own or with a summary.
 */

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { lendLogin, mayLend } from '../model/lend-login.ts'
import { findProgram } from '../process/find-program.ts'
import { filesOfProgram } from '../walls/program-files.ts'
import { failed } from '../work/failure.ts'
import { acpEnvironment, acpFiles, type AcpAgent } from './acp-config.ts'
import { AcpKept, acpKeptName } from './acp-summary.ts'
import type { AgentEnd, AgentTask, Driver } from './driver.ts'
import { readKept } from './kept-state.ts'
import { programVersion } from './program-version.ts'
import { converse } from './acp-talk.ts'
import { withModel } from './with-model.ts'

/** The driver of one agent. `tested`: versions that the contract was played with; null where the owner configured it. */
export const acpDriver = (name: string, agent: AcpAgent, tested: RegExp | null): Driver => ({
  name,
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'agent',
    asks: 'agent',
    resumes: 'agent',
    usage: agent.models.length > 0 ? 'vpd' : 'agent',
    timeLimit: 'vpd',
    network: 'none',
    files: 'none',
  },
  modes: agent.modes,
  speaks: agent.models,
  takesModel: agent.model !== null,
  settings: [],
  detect: async () => {
    const [program = ''] = agent.argv
    const found = findProgram(program)
    const version = found ? await versionOf(found) : null
    const isTested = version !== null && (tested?.test(version) ?? false)
    return {
      name,
      version,
      path: found?.slice(0, 500) ?? null,
      usable: found !== null,
      tested: isTested,
      modes: [...agent.modes],
      note:
        found === null
          ? `${program || 'its program'} is not on this machine`
          : isTested
            ? ''
            : 'not tried with this version of vpd',
    }
  },
  run: (task) => run(name, agent, task),
})

/** A script's package says it at once; a program is asked. */
const versionOf = async (found: string): Promise<string | null> => {
  const real = realpathSync(found)
  if (!isScript(real)) return programVersion(found)
  try {
    const { version } = JSON.parse(readFileSync(path.join(packageOf(real), 'package.json'), 'utf8')) as {
      version?: unknown
    }
    return typeof version === 'string' ? version.slice(0, 80) : null
  } catch {
    return null
  }
}

const isScript = (file: string): boolean => /\.[cm]?js$/.test(file)

const run = async (name: string, agent: AcpAgent, task: AgentTask): Promise<AgentEnd> => {
  const [program = '', ...rest] = agent.argv
  const found = findProgram(program, task.env['PATH'])
  if (!found)
    throw failed(
      'agent',
      'agent_not_here',
      `The program of the agent ${name} (${program || 'none'}) is not on this runner.`,
      'Install it there, or choose another agent.',
      { retrySafe: true },
    )
  const login = loginOf(name, agent, task)
  const kept = task.resumed ? await readKept(task.state, acpKeptName, AcpKept) : null
  const home = task.env['HOME'] ?? task.state
  for (const { file, text } of acpFiles(agent, home, task)) {
    await rm(file, { force: true })
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
  }
  const byName =
    task.modelName !== null && Array.isArray(agent.model)
      ? withModel(agent.model as readonly string[], task.modelName)
      : []
  const started = { ...startOf(found, [...rest, ...byName]), env: acpEnvironment(agent, task.env, task) }
  const lent = login === null ? null : await lendLogin(login.file, path.join(home, login.at))
  try {
    return await converse(name, agent, started, task, kept)
  } finally {
    await lent?.takeBack()
  }
}

/** The login that it is lent, and where it looks for it below HOME; null: it asks its model through the gateway, or has none. Throws WorkFailed. */
const loginOf = (name: string, agent: AcpAgent, { model, wall }: AgentTask): { file: string; at: string } | null => {
  const provider = agent.models[0]
  if (provider === undefined || model.way === 'gateway') return null
  const [file] = model.way === 'login' ? model.paths : []
  if (agent.login && file !== undefined) {
    mayLend(name, provider, wall)
    return { file, at: agent.login.at }
  }
  throw failed(
    'agent',
    model.way === 'login' ? 'login_not_supported' : 'no_model',
    model.way === 'login'
      ? `This version of vpd cannot lend ${name} its own login.`
      : `${name} has no key for its model on this runner (${model.why}).`,
    `Set a key: \`vpd credentials set model ${provider}\`.`,
    { retrySafe: true },
  )
}

/** A script is started with the Node.js that vpd runs on, so that nothing has to be found inside a wall. */
const startOf = (found: string, rest: readonly string[]): { argv: string[]; reads: string[] } => {
  const real = realpathSync(found)
  return isScript(real)
    ? { argv: [process.execPath, real, ...rest], reads: filesOfProgram(real, [homedir()]) }
    : { argv: [real, ...rest], reads: [] }
}

const packageOf = (file: string): string => {
  for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at))
    if (existsSync(path.join(at, 'package.json'))) return at
  return path.dirname(file)
}
