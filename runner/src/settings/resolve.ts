/**
 * May an agent load what its repository says to it, and what is loaded?
 * Three must agree: an admin of the workspace (in the job), the owner of this machine (`trust` in the policy), and the run itself, which no outside
 * text has reached and whose files are those of the base. Then the settings are those of the pinned commit, laid out beside the clone, not in it.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AgentJob, JobRepo } from '@viewportai/core/wire/job'
import type { Report } from '@viewportai/core/wire/messages'
import type { Driver } from '../agent/driver.ts'
import { fits } from '../policy/pattern.ts'
import { repositoryName } from '@viewportai/core/policy/repository-name'
import type { Wall } from '../walls/wall.ts'
import { changedIn, filesAt, settingsPlaces, type PinnedFile } from './files.ts'
import { reachedAt } from './reached.ts'
import { hookScript } from './hook-script.ts'
import type { LoadedSettings } from './given.ts'
import { readOwnSettings } from './loaded.ts'

/** Everything the answer depends on. */
export type SettingsGround = {
  readonly job: Pick<AgentJob, 'agent' | 'event'>
  readonly repo: JobRepo
  readonly driver: Pick<Driver, 'name' | 'settings'>
  readonly wall: Pick<Wall, 'isolation'>
  /** Patterns of the policy. */
  readonly trust: readonly string[]
  readonly gitDir: string
  readonly commit: string
  /** The tree that the agent begins with. */
  readonly beginTree: string
  /** The agent's clone, and a folder that is not there yet, which it can read and not write. */
  readonly clone: string
  readonly folder: string
}

type SettingsReport = Extract<Report, { type: 'settings' }>

/** What is loaded (null: nothing), with what is reported of it. */
export const resolveSettings = async (
  ground: SettingsGround,
): Promise<{ loaded: LoadedSettings | null; report: SettingsReport }> => {
  const { repo, driver, gitDir, commit, beginTree, clone, folder } = ground
  const nothing = (why: string): { loaded: null; report: SettingsReport } => ({
    loaded: null,
    report: { type: 'settings', repo: repo.name, commit, files: [], hooks: 0, servers: [], left: [], why },
  })
  const no = whyNot(ground)
  if (no !== null) return nothing(no)
  const files = await filesAt(gitDir, commit, driver.settings)
  const own = readOwnSettings(new Map(files.map((file) => [file.path, file.bytes.toString('utf8')])))
  const reached = await reachedAt(gitDir, commit, [
    ...own.hooks.map(({ command }) => command),
    ...own.servers.map(({ command, args }) => [command, ...args].join(' ')),
  ])
  if (typeof reached === 'string') return nothing(`its hooks and servers cannot be watched: ${reached}`)
  const mentioned = reached.files
  const changed = await changedIn(gitDir, commit, beginTree, [...settingsPlaces, ...mentioned.map((file) => file.path)])
  if (changed.length > 0)
    return nothing(
      `the files that it begins with are not those of the base: ${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ` and ${changed.length - 3} more` : ''}`,
    )
  const guarded = distinct([...files, ...mentioned])
  await layDown(path.join(folder, 'base'), guarded)
  const place = {
    clone,
    base: path.join(folder, 'base'),
    files: guarded.map((file) => file.path),
    folders: reached.folders,
  }
  const hooks = await Promise.all(
    own.hooks.map(async (hook, at) => {
      const script = path.join(folder, `hook-${at + 1}.sh`)
      await writeFile(script, hookScript(hook, place), { mode: 0o644 })
      return { event: hook.event, matcher: hook.matcher, script, seconds: hook.seconds }
    }),
  )
  return {
    loaded: { hooks, servers: own.servers, deny: own.deny },
    report: {
      type: 'settings',
      repo: repo.name,
      commit,
      files: files.map(({ path: at, digest }) => ({ path: at, digest })),
      hooks: hooks.length,
      servers: own.servers.map(({ name }) => name),
      left: [...own.left],
      why: null,
    },
  }
}

/** Is the repository one whose settings the owner of this machine lets agents load? */
export const isTrusted = (repo: Pick<JobRepo, 'url'>, trust: readonly string[]): boolean => {
  const found = repositoryName(repo.url)
  return 'name' in found && fits(found.name, trust)
}

const whyNot = ({ repo, driver, wall, trust, job }: SettingsGround): string | null => {
  if (!isTrusted(repo, trust)) return 'the policy of this runner does not trust it (`trust`)'
  if (job.event.outsideText) return 'text from outside the workspace reached this run'
  if (driver.settings.length === 0) return `vpd cannot give the agent ${driver.name} the settings of a repository`
  if (wall.isolation.level === 'none') return 'no wall of this runner would hold what they start'
  return null
}

const distinct = (files: readonly PinnedFile[]): PinnedFile[] => [
  ...new Map(files.map((one) => [one.path, one])).values(),
]

const layDown = async (folder: string, files: readonly PinnedFile[]): Promise<void> => {
  await mkdir(folder, { recursive: true })
  for (const { path: at, bytes } of files) {
    await mkdir(path.dirname(path.join(folder, at)), { recursive: true })
    await writeFile(path.join(folder, at), bytes, { mode: 0o644 })
  }
}
