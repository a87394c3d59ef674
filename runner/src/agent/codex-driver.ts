/**
 * How does vpd work with Codex?
 * The owner's own `codex app-server`, talked to over its standard input and output. It asks before each command and each change; its own sandbox
 * is off, because what holds it is the wall of the step. A question for a person ends the process: the session's record is kept.
 */
import { baseUrl } from '../model/access.ts'
import { lendLogin, mayLend } from '../model/lend-login.ts'
import { failed } from '../work/failure.ts'
import { codexLogin, makeCodexHome, readCodexSession, tidyCodexHome } from './codex-home.ts'
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
  settings: ['.codex/config.toml', '.codex/hooks.json', '.mcp.json'],
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
  const reached = modelOf(task)
  const session = task.resumed ? await readCodexSession(task.state) : null
  const settings = {
    baseUrl: reached.baseUrl,
    ownUrl: reached.ownUrl,
    model: task.modelName,
    cwd: task.cwd,
    inMemory: task.wall.inMemory ?? null,
    own: task.settings,
  }
  const { home, record } = await makeCodexHome(task.state, settings, session)
  const login = reached.login === null ? null : await lendLogin(reached.login, codexLogin(home))
  try {
    return await converse(found.program, task, reached.key, home, record === null ? null : session)
  } finally {
    await login?.takeBack()
    await tidyCodexHome(task.state)
  }
}

/** `baseUrl` null: with its own login, where it asks by itself, or at `ownUrl`. */
type Reached = {
  readonly baseUrl: string | null
  readonly ownUrl?: string | undefined
  readonly key: string | null
  readonly login: string | null
}

/** Where its model is: the provider openai, else another that speaks like it. */
const modelOf = ({ model: access, wall, env }: AgentTask): Reached => {
  if (access.way === 'login') {
    mayLend('Codex', 'openai', wall)
    // The owner may pass an address of their own on (`environment:` of the policy); Codex itself no longer reads the variable.
    return { baseUrl: null, ownUrl: env['OPENAI_BASE_URL'], key: null, login: access.paths[0]! }
  }
  const providers = access.way === 'gateway' ? access.providers : []
  const provider = ['openai', ...providers.filter((one) => one !== 'anthropic' && one !== 'google')].find((one) =>
    providers.includes(one),
  )
  if (access.way === 'gateway' && provider !== undefined)
    return { baseUrl: baseUrl(access, provider), key: access.key, login: null }
  throw failed(
    'agent',
    'no_model',
    `Codex has no key for its model on this runner${access.way === 'none' ? ` (${access.why})` : ''}.`,
    'Set one: `vpd credentials set model openai`.',
    { retrySafe: true },
  )
}
