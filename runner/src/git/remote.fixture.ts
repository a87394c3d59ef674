/** A real bare repository to test against, and a way to write to it as somebody else would. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Files by path; a link is { to }. */
export type Files = Readonly<Record<string, string | Buffer | { readonly to: string } | { readonly program: string }>>

export type TestRemote = {
  readonly root: string
  readonly dir: string
  readonly url: string
  git(...args: string[]): string
  commit(files: Files, branch?: string): Promise<string>
  tip(ref: string): string | null
}

const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@acme.example',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@acme.example',
}

/** git as a colleague of the tested repository would run it. */
export const plainGit = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'gc.auto=0', '-c', 'receive.autogc=false', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).replace(/\n$/, '')

export const writeFiles = async (folder: string, files: Files): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await rm(file, { recursive: true, force: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) await writeFile(file, content)
    else if ('to' in content) await symlink(content.to, file)
    else await writeFile(file, content.program, { mode: 0o755 })
  }
}

/** A bare repository with one commit on `main`, below a new temporary folder `root`. */
export const testRemote = async (files: Files): Promise<TestRemote> => {
  const root = await mkdtemp(path.join(tmpdir(), 'vpd-git-'))
  const dir = path.join(root, 'remote.git')
  plainGit(root, 'init', '-q', '--bare', '-b', 'main', dir)
  const git = (...args: string[]): string => plainGit(dir, ...args)
  let n = 0
  const commit = async (more: Files, branch = 'main'): Promise<string> => {
    const work = path.join(root, `colleague-${n++}`)
    plainGit(root, 'clone', '-q', dir, work)
    if (n > 1)
      plainGit(work, 'checkout', '-q', '-B', branch, `origin/${git('branch', '--list', branch) ? branch : 'main'}`)
    else plainGit(work, 'checkout', '-q', '-B', branch)
    await writeFiles(work, more)
    plainGit(work, 'add', '-A', '-f')
    plainGit(work, 'commit', '-q', '-m', 'work of a colleague')
    plainGit(work, 'push', '-q', 'origin', branch)
    await rm(work, { recursive: true, force: true })
    return git('rev-parse', branch)
  }
  const tip = (ref: string): string | null => {
    try {
      return git('rev-parse', '--verify', '--quiet', ref)
    } catch {
      return null
    }
  }
  await commit(files)
  return { root, dir, url: `file://${dir}`, git, commit, tip }
}
