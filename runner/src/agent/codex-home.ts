/**
 * What does Codex find when it starts?
 * A CODEX_HOME of the step: the settings are written by vpd for every attempt, and of the last one only the record of the session is taken over.
 * What an agent may have planted there (settings, rules, hooks, skills) is gone.
 */
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { LoadedSettings } from '../settings/given.ts'
import { hooksForm } from './hooks-form.ts'
import { isRealFolder, readKept, readPlainFile, writeKept } from './kept-state.ts'

/** The name of the provider in the settings, and of the variable that its key is in. */
const provider = 'viewport'
export const keyVariable = 'VPD_MODEL_KEY'

const Kept = z.strictObject({
  thread: z.string().regex(/^[0-9a-f-]{36}$/),
  asked: z.strictObject({ ask: z.string(), text: z.string() }).nullable(),
})
/** The session so far: its id, and what was asked when it was parked, for the words when it goes on. */
export type CodexSession = z.infer<typeof Kept>
const keptName = 'codex-session.json'

export const readCodexSession = (state: string): Promise<CodexSession | null> => readKept(state, keptName, Kept)
export const keepCodexSession = (state: string, session: CodexSession): Promise<void> =>
  writeKept(state, keptName, session)

/** Where Codex looks for a login. */
export const codexLogin = (home: string): string => path.join(home, 'auth.json')

/** A record of a session is at most this long. */
const longestRecord = 200_000_000

export type CodexSettings = {
  /** Base URL with `/v1`; null: where Codex asks by itself with a login, or at `ownUrl`. */
  readonly baseUrl: string | null
  readonly ownUrl?: string | undefined
  readonly model: string | null
  readonly cwd: string
  /** A folder in memory that it has to itself; null: there is none. */
  readonly inMemory: string | null
  /** What it loads of its repository's own settings. */
  readonly own: LoadedSettings | null
}

/** Makes the folder anew. `record`: where the session's record is in it, or null when there is none to go on with. */
export const makeCodexHome = async (
  state: string,
  settings: CodexSettings,
  session: CodexSession | null,
): Promise<{ home: string; record: string | null }> => {
  const home = path.join(state, 'codex')
  const isKept = session !== null && (await isRealFolder(home)) && (await isRealFolder(path.join(home, 'sessions')))
  const found = isKept ? await findRecord(path.join(home, 'sessions'), session.thread, 4) : null
  const bytes = found ? await readPlainFile(found, longestRecord) : null
  const fresh = await mkdtemp(path.join(state, '.codex-')) // a name that no agent could know
  await writeFile(path.join(fresh, 'config.toml'), configText(settings), { mode: 0o600 })
  if (settings.own && settings.own.hooks.length > 0)
    await writeFile(path.join(fresh, 'hooks.json'), hooksText(settings.own), { mode: 0o600 })
  const place = found && bytes ? path.relative(home, found) : null
  if (place !== null && bytes) {
    await mkdir(path.dirname(path.join(fresh, place)), { recursive: true })
    await writeFile(path.join(fresh, place), bytes, { mode: 0o600 })
  }
  await rm(home, { recursive: true, force: true })
  await rename(fresh, home)
  return { home, record: place === null ? null : path.join(home, place) }
}

/** Removes all but the session's record, so that what is kept is small. A link that the agent put in its place is taken away, and not followed. */
export const tidyCodexHome = async (state: string): Promise<void> => {
  const home = path.join(state, 'codex')
  if (!(await isRealFolder(home))) return rm(home, { force: true })
  const entries = await readdir(home, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.name !== 'sessions' || !entry.isDirectory())
      await rm(path.join(home, entry.name), { recursive: true, force: true })
}

const findRecord = async (folder: string, thread: string, depth: number): Promise<string | null> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const at = path.join(folder, entry.name)
    if (entry.isFile() && entry.name.startsWith('rollout-') && entry.name.endsWith(`-${thread}.jsonl`)) return at
    if (entry.isDirectory() && depth > 0) {
      const found = await findRecord(at, thread, depth - 1)
      if (found) return found
    }
  }
  return null
}

/** Features that reach for other hosts, other programs or other people's settings. */
const off = [
  'apps',
  'browser_use',
  'computer_use',
  'daemon_auto_start',
  'goals',
  'hooks',
  'image_generation',
  'in_app_browser',
  'memories',
  'plugins',
  'remote_plugin',
  'shell_snapshot',
  'skill_mcp_dependency_install',
  'tool_suggest',
  // Without this it tries for ever to reach a provider that is not there.
  'unbounded_connection_retries',
]

/** The hooks that vpd lets it run, in its own words. */
const hooksText = ({ hooks }: LoadedSettings): string => JSON.stringify({ hooks: hooksForm(hooks) })

/**
 * The settings. The repository's own settings are not loaded; programs that it
 * starts do not get the key. A basic string of TOML is written like one of JSON.
 */
const configText = ({ baseUrl, ownUrl, model, cwd, inMemory, own }: CodexSettings): string => {
  const text = (value: string): string => JSON.stringify(value).replaceAll('\u007f', '\\u007f')
  return `${[
    `model_provider = ${text(baseUrl === null ? 'openai' : provider)}`,
    ...(ownUrl === undefined ? [] : [`openai_base_url = ${text(ownUrl)}`]),
    ...(model === null ? [] : [`model = ${text(model)}`]),
    // Five databases, made anew with some seventy flushes to the disk and kept by nobody: most of its start.
    ...(inMemory === null ? [] : [`sqlite_home = ${text(`${inMemory}/codex`)}`]),
    'approval_policy = "on-request"', // the stricter `untrusted` can be asked for in a thread alone
    'sandbox_mode = "read-only"',
    'check_for_update_on_startup = false',
    'web_search = "disabled"',
    'project_doc_max_bytes = 0',
    'cli_auth_credentials_store = "file"',
    '[history]',
    'persistence = "none"',
    '[analytics]',
    'enabled = false',
    '[feedback]',
    'enabled = false',
    ...(baseUrl === null
      ? []
      : [
          `[model_providers.${provider}]`,
          `name = ${text(provider)}`,
          `base_url = ${text(baseUrl)}`,
          'wire_api = "responses"',
          `env_key = ${text(keyVariable)}`,
          'requires_openai_auth = false',
          'supports_websockets = false',
          'request_max_retries = 3',
          'stream_max_retries = 3',
        ]),
    '[shell_environment_policy]',
    'inherit = "all"',
    `exclude = [${text(keyVariable)}, "CODEX_*"]`,
    `[projects.${text(cwd)}]`,
    'trust_level = "untrusted"',
    '[features]',
    ...off.map((name) => `${name} = ${name === 'hooks' && own !== null && own.hooks.length > 0}`),
    '[skills]',
    'include_instructions = false',
    '[skills.bundled]',
    'enabled = false', // else it writes them all out at every start
    ...(own?.servers ?? []).flatMap(({ name, command, args, env }) => [
      `[mcp_servers.${text(name)}]`,
      `command = ${text(command)}`,
      `args = [${args.map(text).join(', ')}]`,
      // It asks before each call of a tool, and vpd answers.
      'default_tools_approval_mode = "prompt"',
      ...(Object.keys(env).length === 0 ? [] : [`[mcp_servers.${text(name)}.env]`]),
      ...Object.entries(env).map(([variable, value]) => `${text(variable)} = ${text(value)}`),
    ]),
  ].join('\n')}\n`
}
