/**
 * How does the sample get a real git remote?
 * The sample repository becomes one commit on main of a bare repository in the data folder: the "server" that the sample's runner
 * clones from and pushes to. Made beside and renamed, so that a killed start leaves no half of it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** The URL of the remote below `folder`, made when it is missing. `source`: the files of its first commit. Throws with git's words. */
export const makeRemote = (folder: string, source: string): string => {
  const remote = path.join(folder, 'shop.git')
  if (!existsSync(remote)) {
    const draft = `${remote}.${process.pid}`
    const tree = `${draft}.tree`
    rmSync(draft, { recursive: true, force: true })
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    cpSync(source, tree, { recursive: true })
    git(tree, 'init', '--quiet', '--initial-branch=main')
    git(tree, 'add', '--all')
    git(tree, 'commit', '--quiet', '--message', 'The shop')
    git(folder, 'clone', '--quiet', '--bare', '--no-hardlinks', tree, draft)
    rmSync(tree, { recursive: true, force: true })
    renameSync(draft, remote)
  }
  return pathToFileURL(remote).href
}

/** The commit a branch of the sample's remote is at, or null. */
export const branchOf = (url: string, ref: string): string | null => {
  const { stdout, status } = run(process.cwd(), ['ls-remote', url, ref])
  return status === 0 ? stdout.split(/\s/)[0] || null : null
}

const git = (cwd: string, ...words: string[]): void => {
  const { status, stderr, error } = run(cwd, words)
  if (error)
    throw new Error(`git could not be started: ${error.message}. Viewport needs git 2.30 or newer on the PATH.`, {
      cause: error,
    })
  if (status !== 0) throw new Error(`git ${words[0]} failed while the sample repository was made: ${stderr.trim()}`)
}

// Nobody's own git configuration, hooks or templates: the sample is the same everywhere.
const run = (cwd: string, words: string[]) =>
  spawnSync(
    'git',
    [
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'init.templateDir=',
      '-c',
      'commit.gpgSign=false',
      '-c',
      'core.autocrlf=false',
      ...words,
    ],
    {
      cwd,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
        GIT_AUTHOR_NAME: 'Sam Okafor',
        GIT_AUTHOR_EMAIL: 'sam@acme.example',
        GIT_AUTHOR_DATE: '2026-01-05T09:00:00Z',
        GIT_COMMITTER_NAME: 'Sam Okafor',
        GIT_COMMITTER_EMAIL: 'sam@acme.example',
        GIT_COMMITTER_DATE: '2026-01-05T09:00:00Z',
      },
    },
  )
