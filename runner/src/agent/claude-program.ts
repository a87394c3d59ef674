/** How is the user's own Claude Code started? Found where people have it; its settings, hooks, MCP servers and memory stay out, and so do those of a repository. */
import { randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import path from 'node:path'
import { baseUrl } from '../model/access.ts'
import { findProgram } from '../process/find-program.ts'
import type { LoadedSettings } from '../settings/given.ts'
import type { AgentTask } from './driver.ts'
import { hooksForm } from './hooks-form.ts'
import { isOlder } from './program-version.ts'

/** The versions that the contract of the drivers is played with; others may do, and are shown as not tested. */
export const testedClaude = { from: '2.1.330', to: '2.1.330' }

export const isTestedClaude = (version: string | null): boolean =>
  version !== null && !isOlder(version, testedClaude.from) && !isOlder(testedClaude.to, version)

/** Where its installers put it, besides PATH. */
const usualPlaces = (home: string): string[] => [
  path.join(home, '.local/bin/claude'),
  path.join(home, '.claude/local/claude'),
  path.join(home, '.npm-global/bin/claude'),
  '/opt/homebrew/bin/claude',
  '/usr/local/bin/claude',
]

/** The absolute path of `claude`, or null. */
export const findClaude = (search?: string): string | null =>
  findProgram('claude', search) ??
  usualPlaces(homedir())
    .map((place) => findProgram(place))
    .find((place) => place !== null) ??
  null

/** Every tool whose calls `claude-tools` understands; the others are not offered. Names that a version does not know do no harm. */
const tools = (
  'Bash Read Edit MultiEdit Write NotebookEdit Glob Grep WebFetch WebSearch Task Agent TaskStop TaskOutput TodoWrite ' +
  'TaskCreate TaskUpdate TaskGet TaskList AskUserQuestion ExitPlanMode'
).split(' ')

/** What it loads of a repository, as JSON: its settings and its servers. */
export type ClaudeSettings = { readonly settings: string; readonly servers: string }

/** The settings that vpd lets it load, in its own words. */
export const claudeSettings = ({ hooks, servers, deny }: LoadedSettings): ClaudeSettings => ({
  settings: JSON.stringify({
    hooks: hooksForm(hooks),
    permissions: { deny },
  }),
  servers: JSON.stringify({
    mcpServers: Object.fromEntries(servers.map(({ name, ...server }) => [name, { type: 'stdio', ...server }])),
  }),
})

/** What the program is told on its command line. `session`: a new session's id, or the file of the one to go on with. */
export const claudeArguments = (
  { mode, modelName }: Pick<AgentTask, 'mode' | 'modelName'>,
  session: { id: string } | { file: string },
  own: ClaudeSettings | null = null,
): readonly string[] => [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--permission-prompt-tool=stdio',
  ...(mode === 'plan' ? ['--permission-mode=plan'] : []),
  ...(modelName === null ? [] : [`--model=${modelName}`]),
  '--setting-sources=',
  '--strict-mcp-config',
  ...(own === null ? [] : [`--settings=${own.settings}`, `--mcp-config=${own.servers}`]),
  '--disable-slash-commands',
  '--tools',
  (mode === 'plan' ? tools : tools.filter((tool) => tool !== 'ExitPlanMode')).join(','),
  ...('id' in session ? ['--session-id', session.id] : ['--resume', session.file]),
]

export const newSessionId = (): string => randomUUID()

/**
 * The environment it gets beside the step's own. `config`: its folder for sessions. The key is the gateway's, good for this step alone.
 * Mentions of files (`@/path`) in the prompt are switched off: Claude Code would read them before anybody is asked.
 */
export const claudeEnvironment = (
  { env, model }: Pick<AgentTask, 'env' | 'model'>,
  config: string,
): Record<string, string> => ({
  ...env,
  ...(model.way === 'gateway' && { ANTHROPIC_BASE_URL: baseUrl(model, 'anthropic'), ANTHROPIC_API_KEY: model.key }),
  CLAUDE_CONFIG_DIR: config,
  CLAUDE_CODE_TMPDIR: env['TMPDIR'] ?? config,
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_MAX_RETRIES: '4',
  CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: '0', // it would bring a sandbox of its own and leave plan mode; the key is worth nothing outside the step
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  ENABLE_TOOL_SEARCH: 'false',
})

/** A version that knows the switch for mentions; for older ones they are taken out of the text. */
const switchable = '2.1.330'

/** The prompt, for this version, so that it mentions no file. */
export const withoutMentions = (prompt: string, version: string | null): string =>
  version === null || isOlder(version, switchable) ? prompt.replace(/(^|\s)@(?=\S)/g, '$1@ ') : prompt
