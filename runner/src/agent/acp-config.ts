/**
 * How is an agent that speaks the Agent Client Protocol started, and in which of its modes does it ask?
 * From the owner's policy (`acp:`), or known beforehand. vpd prompts no agent that is not in its asking mode.
 */
import path from 'node:path'
import { baseUrl, modelEnvironment } from '../model/access.ts'
import type { AgentTask, Mode } from './driver.ts'

/** One agent. Words of `env`, contents of `files` and texts in `meta` may hold {key}, {anthropic}, {openai}, {google}, {home}, {state}, {model}. */
export type AcpAgent = {
  readonly argv: readonly string[]
  readonly modes: readonly Mode[]
  /** Ids of the modes in which it asks before it runs or changes anything; the first is set. None: it has no modes, and always asks. */
  readonly asking: readonly string[]
  /** Providers whose models it uses. */
  readonly models: readonly string[]
  /** How it is given the model that a step asks for: by the option of its sessions for models, by {model} in `env`, `files` or `meta`, by arguments that hold {model}, or not. */
  readonly model: 'option' | 'words' | readonly string[] | null
  readonly env: Readonly<Record<string, string>>
  /** Files below HOME that it needs, by name. */
  readonly files: Readonly<Record<string, string>>
  /** Sent with every session, a new one and one that goes on, as `_meta`: settings of its own beside the protocol. */
  readonly meta?: Json | undefined
  /** How it goes on after a pause: by its own session, or by a summary that vpd writes. */
  readonly resume: 'session' | 'summary'
  /** Is the title of a call of a shell the command itself? Else only `rawInput.command` is. */
  readonly titleIsCommand: boolean
  /** How it is lent the login of its owner. Left out: it cannot be. */
  readonly login?: LentAs
}

/** How an agent finds a login: where it lies below HOME, and what is laid over its environment and files then. */
export type LentAs = Pick<AcpAgent, 'env' | 'files'> & {
  readonly at: string
  /** It answers, and opens a session, within so many seconds each; else it waits for somebody to sign in, which nobody can here. */
  readonly openSeconds: number
}

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Settings of Gemini CLI: nothing of the repository's, nothing that is told to others. `auth`: by what it asks its model. */
const geminiSettings = (auth: 'gemini-api-key' | 'oauth-personal'): Readonly<Record<string, string>> => ({
  '.gemini/settings.json': JSON.stringify({
    security: { auth: { selectedType: auth }, folderTrust: { enabled: true } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, maxAttempts: 4 },
    hooksConfig: { enabled: false },
    skills: { enabled: false },
  }),
  '.gemini/trustedFolders.json': '{}',
})

/** What is known of some. `tested`: the versions that the contract of the drivers is played with; null: tried by hand alone (opencode 1.18.33). */
export const knownAcpAgents: Readonly<Record<string, AcpAgent & { readonly tested: RegExp | null }>> = {
  gemini: {
    argv: ['gemini', '--acp'],
    modes: ['plan', 'read', 'edit', 'review'],
    asking: ['default', 'plan'],
    models: ['google'],
    model: ['--model', '{model}'],
    env: {
      GEMINI_API_KEY: '{key}',
      GOOGLE_GEMINI_BASE_URL: '{google}',
      // It would start itself once more, only to have more memory.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    files: geminiSettings('gemini-api-key'),
    login: {
      at: '.gemini/oauth_creds.json',
      openSeconds: 60,
      env: { NO_BROWSER: 'true' },
      files: geminiSettings('oauth-personal'),
    },
    resume: 'summary', // gemini-cli #29288: its sessions cannot be loaded again
    titleIsCommand: true,
    tested: /^0\.61\./,
  },
  opencode: {
    argv: ['opencode', 'acp'],
    modes: ['plan', 'read', 'edit', 'review'],
    asking: ['build', 'plan'],
    models: ['anthropic'],
    model: 'option',
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        autoupdate: false,
        share: 'disabled',
        model: 'anthropic/claude-sonnet-4-5',
        small_model: 'anthropic/claude-sonnet-4-5',
        enabled_providers: ['anthropic'],
        provider: { anthropic: { options: { baseURL: '{anthropic}/v1', apiKey: '{key}' } } },
        permission: { '*': 'ask', read: 'allow', glob: 'allow', grep: 'allow', list: 'allow', todowrite: 'allow' },
      }),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_PROJECT_CONFIG: '1',
      OPENCODE_DISABLE_CLAUDE_CODE: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
    files: {},
    resume: 'summary',
    titleIsCommand: false,
    tested: null,
  },
}

/** What the words stand for, beside its HOME. {model} is empty where a step asks for none. */
type Place = Pick<AgentTask, 'model' | 'modelName' | 'state'>

/** The environment of the agent: what most programs find a model by, then its own. `home`: its HOME. */
export const acpEnvironment = (
  agent: AcpAgent,
  env: Readonly<Record<string, string>>,
  { model, modelName, state }: Place,
): Record<string, string> => ({
  ...env,
  ...modelEnvironment(model),
  ...Object.fromEntries(
    Object.entries(wordsOf(agent, model).env).map(([name, text]) => [
      name,
      filled(text, { model, modelName, state }, env['HOME'] ?? state),
    ]),
  ),
})

/** Its files below HOME, with where they go. */
export const acpFiles = (agent: AcpAgent, home: string, place: Place): { file: string; text: string }[] =>
  Object.entries(wordsOf(agent, place.model).files).map(([name, text]) => ({
    file: path.join(home, name),
    text: filled(text, place, home),
  }))

/** With a login there is no gateway: what names its key or an address of it is left out. */
const wordsOf = ({ env, files, login }: AcpAgent, model: AgentTask['model']): Pick<AcpAgent, 'env' | 'files'> => {
  if (model.way !== 'login' || !login) return { env, files }
  const own = Object.entries(env).filter(([, text]) => !/\{(key|anthropic|openai|google)\}/.test(text))
  return { env: { ...Object.fromEntries(own), ...login.env }, files: { ...files, ...login.files } }
}

/** What goes with its sessions; null: nothing does. */
export const acpMeta = (agent: AcpAgent, home: string, place: Place): Json => {
  const inside = (value: Json): Json =>
    typeof value === 'string'
      ? filled(value, place, home)
      : Array.isArray(value)
        ? (value as readonly Json[]).map(inside)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inside(one as Json)]))
          : value
  return inside(agent.meta ?? null)
}

const filled = (text: string, { model, modelName, state }: Place, home: string): string => {
  const words: Record<string, string> = {
    home,
    state,
    model: modelName ?? '',
    ...(model.way === 'gateway' && {
      key: model.key,
      anthropic: baseUrl(model, 'anthropic'),
      openai: baseUrl(model, 'openai'),
      google: baseUrl(model, 'google'),
    }),
  }
  return text.replace(/\{(key|anthropic|openai|google|home|state|model)\}/g, (_, name: string) => words[name] ?? '')
}
