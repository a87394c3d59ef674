/**
 * How does vpd work with Codex?
 * The owner's own `codex app-server`, talked to over its standard input and output. It asks before each command and each change; its own sandbox
 * is off, because what holds it is the wall of the step. A question for a person ends the process: the session's record is kept.
 */
import { baseUrl, type ModelAccess } from '../model/access.ts'
import { failed } from '../work/failure.ts'
import { makeCodexHome, readCodexSession, tidyCodexHome } from './codex-home.ts'
import type { AgentEnd, AgentTask, Driver } from './driver.ts'
import { findCodex, usualPlaces, type Found } from './find-codex.ts'
import { programVersion } from './program-version.ts'
import { converse } from './codex-talk.ts'

/** Versions that the contract was played with. */
const tested = /^0\.169\./

export type CodexOptions = {
  /** Folders to look for it in, as in PATH; by default vpd's own and the usual ones. */
  readonly search?: string
}

const modes = ['plan', 'read', 'edit', 'review'] as const

/** The driver of Codex. */
export const codexDriver = ({ search }: CodexOptions = {}): Driver => ({
  name: 'codex',
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'agent',
    asks: 'agent',
    resumes: 'agent',
    usage: 'vpd',
    timeLimit: 'vpd',
    network: 'none',
    files: 'none',
  },
  modes,
  speaks: ['openai'],
  takesModel: true,
  detect: async () => {
    const found = findCodex(search)
    const version = found ? await programVersion(found.program) : null
    const isTested = version !== null && tested.test(version)
    return {
      name: 'codex',
      version,
      path: found?.at.slice(0, 500) ?? null,
      usable: found !== null && version !== null,
      tested: isTested,
      modes: [...modes],
      note: !found
        ? 'codex is not on this machine'
        : version === null
          ? 'it is there and does not start: `codex --version` says nothing'
          : isTested
            ? ''
            : 'a version that vpd was not tried with; 0.169 was',
    }
  },
  run: (task) => run(findCodex(search ?? usualPlaces(task.env['PATH'])), task),
})

const run = async (found: Found | null, task: AgentTask): Promise<AgentEnd> => {
  if (!found)
    throw failed(
      'agent',
      'agent_not_here',
      'Codex is not on this runner.',
      'Install it there, or choose another agent.',
    )
  const reached = modelOf(task.model)
  const session = task.resumed ? await readCodexSession(task.state) : null
  const { home, record } = await makeCodexHome(
    task.state,
    { baseUrl: reached.baseUrl, model: task.modelName, cwd: task.cwd },
    session,
  )
  const end = await converse(found.program, task, reached.key, home, record === null ? null : session)
  await tidyCodexHome(task.state)
  return end
}

/** Where its model is: the provider openai, else another that speaks like it. */
const modelOf = (access: ModelAccess): { baseUrl: string; key: string } => {
  if (access.way === 'login')
    throw failed(
      'agent',
      'login_not_supported',
      'This version of vpd cannot lend Codex its own login.',
      'Take codex out of `logins` in the policy of the runner, and set a key: `vpd credentials set model openai`.',
      { retrySafe: true },
    )
  const providers = access.way === 'gateway' ? access.providers : []
  const provider = ['openai', ...providers.filter((one) => one !== 'anthropic' && one !== 'google')].find((one) =>
    providers.includes(one),
  )
  if (access.way === 'gateway' && provider !== undefined) return { baseUrl: baseUrl(access, provider), key: access.key }
  throw failed(
    'agent',
    'no_model',
    `Codex has no key for its model on this runner${access.way === 'none' ? ` (${access.why})` : ''}.`,
    'Set one: `vpd credentials set model openai`.',
    { retrySafe: true },
  )
}
