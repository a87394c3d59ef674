/**
 * Is this exactly what was approved, and is it here?
 * Compared by ids in vpd's own cache at the last moment before an effect; where the commit is not here it is made again from the patch in the evidence.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { changeDigest, type Change } from '@viewportai/core/gate/subject'
import { failed } from '../work/failure.ts'
import type { Evidence } from '../work/port.ts'
import { fetchCommit, hasCommit, type Cache } from './cache.ts'
import { commitTree, readPatch } from './make-change.ts'
import { git, GitFailed, gitText } from './run-git.ts'

/** Throws WorkFailed `digest_differs` unless `digest` is the digest of this change. */
export const checkDigest = (change: Change, digest: string): void => {
  const found = changeDigest(change)
  if (found !== digest) throw differs(digest, found)
}

const differs = (approved: string, found: string) =>
  failed(
    'policy',
    'digest_differs',
    `The change is not the approved one: approved ${approved.slice(0, 12)}…, found ${found.slice(0, 12)}….`,
    'A new decision is needed; look at what changed in between.',
    { retrySafe: false },
  )

/**
 * A commit in the cache that holds exactly the change: one commit on its base, its tree. Throws `digest_differs` when an id does not fit,
 * `change_not_here` when neither the commit nor the patch is on this runner.
 */
export const bringChange = async (
  cache: Cache,
  change: Change,
  evidence: Evidence,
  scratch: string,
): Promise<string> => {
  if (!(await hasCommit(cache, change.commit))) return rebuild(cache, change, evidence, scratch)
  const [tree = '', ...parents] = (
    await gitText(['show', '--no-patch', '--format=%T %P', change.commit], { gitDir: cache.dir })
  ).split(' ')
  if (tree !== change.tree) throw differs(change.tree, tree)
  if (parents.join(' ') !== change.base) throw differs(change.base, parents.join(' '))
  return change.commit
}

const rebuild = async (cache: Cache, change: Change, evidence: Evidence, scratch: string): Promise<string> => {
  const patch = await evidence.get(change.patch)
  if (!patch)
    throw failed(
      'checkout',
      'change_not_here',
      'The change that this step needs is on another runner.',
      'Start the runner that made it, or move the run and begin the step again.',
      { retrySafe: true },
    )
  await fetchCommit(cache, 'HEAD', change.base)
  await checkTree(cache, change, patch, scratch)
  return commitTree(cache.dir, change.tree, [change.base], 'A change of a Viewport run', null)
}

/**
 * Does the patch that people saw give exactly this tree? Whoever names patch and tree in one digest may have put two changes together,
 * so it is looked at again right before an effect. The base and the tree must be in the cache. Throws `digest_differs`.
 */
export const checkPatch = async (cache: Cache, change: Change, evidence: Evidence, scratch: string): Promise<void> => {
  const patch = await evidence.get(change.patch)
  if (patch) return checkTree(cache, change, patch, scratch)
  const made = createHash('sha256')
    .update(await readPatch(cache.dir, change.base, change.tree))
    .digest('hex')
  if (made !== change.patch) throw differs(change.patch, made)
}

const checkTree = async (cache: Cache, change: Change, patch: Uint8Array, scratch: string): Promise<void> => {
  const index = path.join(scratch, `approved-${change.tree}`)
  try {
    await git(['read-tree', change.base], { gitDir: cache.dir, index })
    await git(['apply', '--cached', '--binary', '--whitespace=nowarn', '-'], { gitDir: cache.dir, index, input: patch })
    const tree = await gitText(['write-tree'], { gitDir: cache.dir, index })
    if (tree !== change.tree) throw differs(change.tree, tree)
  } catch (error) {
    if (error instanceof GitFailed) throw differs(change.tree, 'a patch that does not apply')
    throw error
  } finally {
    await rm(index, { force: true })
  }
}
