/**
 * What does the agent get to work in?
 * A clone of its own that borrows the cache's objects (`clone --shared`), never a worktree: a worktree shares settings and hooks with vpd. A step that runs
 * as another user gets second names of the objects instead, so that the caches themselves stay closed to it.
 * Files are checked out byte for byte: no filter, no line ending or encoding conversion, so that what is on disk is what is in the tree.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { WallLevel } from '@viewportai/core/run/wall-level'
import type { Cache } from './cache.ts'
import { git } from './run-git.ts'

/** Over every .gitattributes of the repository: bytes on disk = bytes in the tree. */
const exactBytes = '* -text -eol -ident -filter -working-tree-encoding\n'

/** How a clone has its objects: borrowed from the cache, which whoever works in it must be able to read; or of its own (hard links, read-only). */
export type Objects = 'borrowed' | 'own'

/** How a step behind a wall of this level has them. */
export const objectsBehind = (level: WallLevel): Objects => (level === 'user' ? 'own' : 'borrowed')

export type StepClone = { readonly dir: string; readonly commit: string }

/**
 * Clones to `dir` with `commit` checked out on `branch` (a full ref). `origin`: the quarantine's address; null: the clone has no remote.
 * `overlay`: a tree whose files lie in the working tree and index over the commit (the parked work of a session).
 */
export const cloneForStep = async (
  cache: Cache,
  dir: string,
  commit: string,
  branch: string,
  origin: string | null,
  overlay: string | null = null,
  objects: Objects = 'borrowed',
): Promise<StepClone> => {
  await mkdir(path.dirname(dir), { recursive: true })
  const shared = objects === 'borrowed' ? ['--shared'] : []
  await git(['clone', '--quiet', ...shared, '--no-checkout', '--no-tags', '--template=', '--', cache.dir, dir])
  await mkdir(path.join(dir, '.git', 'info'), { recursive: true })
  await Promise.all([
    writeFile(path.join(dir, '.git', 'info', 'attributes'), exactBytes),
    writeFile(path.join(dir, '.git', 'config'), configOf(origin)),
  ])
  const name = branch.replace(/^refs\/heads\//, '')
  await git(['checkout', '--quiet', '--no-track', '-B', name, commit], { cwd: dir })
  if (overlay) await git(['read-tree', '-m', '-u', overlay], { cwd: dir })
  return { dir, commit }
}

const configOf = (origin: string | null): string => `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[user]
\tname = Viewport agent
\temail = agent@viewport.invalid
[gc]
\tauto = 0
[maintenance]
\tauto = false
${origin === null ? '' : `[remote "origin"]\n\turl = ${origin}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\tproxy =\n`}`
