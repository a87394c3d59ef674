/**
 * How does vpd itself run git, so that nothing a repository, an agent or the user's settings planted takes part?
 * Empty environment, no system, user or attribute files, no hooks, no monitor, no helper, only the file and https transports.
 */
import { spawn } from 'node:child_process'
import { gathering } from '@viewportai/core/wire/gather'
import { asBuffer } from '../process/as-buffer.ts'
import { bareEnvironment } from '../process/environment.ts'

export type GitOptions = {
  /** The repository; never one the agent can name. */
  readonly gitDir?: string
  readonly workTree?: string
  readonly index?: string
  readonly cwd?: string
  readonly input?: Uint8Array | string
  /** Set by vpd for this one process, e.g. an askpass program or a neutral author. */
  readonly env?: Readonly<Record<string, string>>
  /** Further exit codes that are answers and not failures. */
  readonly accept?: readonly number[]
  /** Most bytes of standard output; more is a failure. */
  readonly most?: number
  readonly seconds?: number
  readonly signal?: AbortSignal
}

export type GitAnswer = { readonly exit: number; readonly out: Buffer; readonly err: string }

/** git said no, took too long, or answered too much. `err` holds its own words, shortened. */
export class GitFailed extends Error {
  readonly exit: number | null
  readonly err: string
  readonly tooMuch: boolean
  constructor(args: readonly string[], exit: number | null, err: string, tooMuch = false) {
    super(`git ${args[0] ?? ''} ended with ${exit ?? 'a signal'}: ${err}`)
    this.name = 'GitFailed'
    this.exit = exit
    this.err = err
    this.tooMuch = tooMuch
  }
}

const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.quotePath=true',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.writeCommitGraph=false',
  'protocol.version=2',
  'http.followRedirects=false',
  'submodule.recurse=false',
  'diff.renames=true',
  'apply.whitespace=nowarn',
].flatMap((setting) => ['-c', setting])

const environment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  GIT_ALLOW_PROTOCOL: 'file:https',
  GIT_PROTOCOL_FROM_USER: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_LITERAL_PATHSPECS: '1',
  HOME: '/nonexistent',
}

/** Runs one git command. Throws GitFailed; throws the system's own error when git is not there. */
export const git = (args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> => {
  const where = [
    ...(options.gitDir ? [`--git-dir=${options.gitDir}`] : []),
    ...(options.workTree ? [`--work-tree=${options.workTree}`] : []),
  ]
  const env = bareEnvironment({
    ...environment,
    ...(options.index ? { GIT_INDEX_FILE: options.index } : {}),
    ...options.env,
  })
  return new Promise((done, fail) => {
    const child = spawn('git', [...where, ...settings, ...args], {
      env,
      cwd: options.cwd ?? options.workTree ?? options.gitDir ?? '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out = gathering(options.most ?? 512 * 1024 * 1024)
    let err = ''
    let tooMuch = false
    const stop = (): void => void child.kill('SIGKILL')
    const limit = setTimeout(stop, (options.seconds ?? 300) * 1_000)
    options.signal?.addEventListener('abort', stop, { once: true })
    if (options.signal?.aborted) stop() // it waited for its turn meanwhile
    child.stdout.on('data', (bytes: Buffer) => {
      tooMuch ||= !out.take(bytes)
      if (tooMuch) stop()
    })
    child.stderr.on('data', (bytes: Buffer) => (err = (err + bytes.toString('utf8')).slice(-2_000)))
    child.stdin.on('error', () => {}) // git ended before it read all of its input; its exit code says why
    child.stdin.end(options.input ?? '')
    const over = (): void => {
      clearTimeout(limit)
      options.signal?.removeEventListener('abort', stop)
    }
    child.on('error', (error) => (over(), fail(error)))
    child.on('close', (exit) => {
      over()
      if (!tooMuch && exit !== null && (exit === 0 || options.accept?.includes(exit)))
        done({ exit, out: asBuffer(out.whole()), err })
      else fail(new GitFailed(args, exit, err.trim(), tooMuch))
    })
  })
}

/** Standard output as text without the last line feed. */
export const gitText = async (args: readonly string[], options: GitOptions = {}): Promise<string> =>
  (await git(args, options)).out.toString('utf8').replace(/\n$/, '')
