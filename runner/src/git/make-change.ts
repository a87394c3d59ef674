/**
 * What is the change between a base and a tree, and is its patch the whole truth about it?
 * Made in the cache, from ids alone. The patch is applied to the base in a scratch index and must give the tree again.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ChangedFile, type Change } from '@viewportai/core/gate/subject'
import type { RepoUse } from '@viewportai/core/workflow/compiled'
import { failed } from '../work/failure.ts'
import { mendSettings } from './cache.ts'
import { refusedFiles } from './change-rules.ts'
import { filesCap } from './read-work-tree.ts'
import { git, GitFailed, gitText } from './run-git.ts'
import { splitNul } from './tree-listing.ts'

/** Largest patch, in bytes. */
export const patchCap = 20 * 1024 * 1024

export type MadeChange = { readonly change: Change; readonly patch: Buffer }

/** Author and committer of every commit that vpd makes: never a person's name. */
const neutral = 'Viewport'
const neutralMail = 'noreply@viewport.invalid'

/**
 * The change from `base` (a commit) to `tree`, as one commit of vpd's own on the base; null when there is none.
 * Throws WorkFailed `change_refused` (class policy) when a file may not be in it or it is too large. `scratch`: a folder of vpd's own.
 */
export const makeChange = async (
  cacheDir: string,
  use: Pick<RepoUse, 'name' | 'access' | 'write'>,
  base: string,
  tree: string,
  message: string,
  scratch: string,
): Promise<MadeChange | null> => {
  const gitDir = cacheDir
  await mendSettings(gitDir)
  if ((await gitText(['rev-parse', '--verify', `${base}^{tree}`], { gitDir })) === tree) return null
  const [files, patch] = await Promise.all([listFiles(gitDir, base, tree), readPatch(gitDir, base, tree)])
  const refused = await refusedFiles(gitDir, tree, files, patch.toString('latin1'), use)
  if (refused.length > 0) throw changeRefused(refused.map(({ path: name, why }) => `${JSON.stringify(name)}: ${why}`))
  const [commit] = await Promise.all([
    commitTree(gitDir, tree, [base], message, null),
    provePatch(gitDir, base, tree, patch, path.join(scratch, `proof-${tree}`)),
  ])
  const change: Change = {
    repo: use.name,
    base,
    commit,
    tree,
    patch: createHash('sha256').update(patch).digest('hex'),
    files,
  }
  await git(['update-ref', `refs/vpd/changes/${commit}`, commit], { gitDir })
  return { change, patch }
}

const changeRefused = (reasons: readonly string[]) =>
  failed(
    'policy',
    'change_refused',
    `The change was refused: ${reasons.slice(0, 5).join('; ')}${reasons.length > 5 ? `; and ${reasons.length - 5} more` : ''}.`,
    'Send the step back with what must change, or widen what the workflow lets it write.',
    { started: true },
  )

/** Raw modes and line counts of every changed file. */
const listFiles = async (gitDir: string, base: string, tree: string): Promise<ChangedFile[]> => {
  const { out } = await git(
    ['diff-tree', '-r', '-z', '-M', '--raw', '--numstat', '--no-ext-diff', '--no-textconv', '--full-index', base, tree],
    { gitDir },
  )
  const parts = splitNul(out)
  const files: ChangedFile[] = []
  let at = 0
  while (parts[at]?.startsWith(':')) {
    const [, newMode = '', oldId = '', newId = '', kind = ''] = (parts[at++] ?? '').split(' ')
    const oldMode = parts[at - 1]?.slice(1, 7)
    const first = parts[at++] ?? ''
    const second = /^[RC]/.test(kind) ? (parts[at++] ?? '') : null
    const status =
      kind === 'A'
        ? 'added'
        : kind === 'D'
          ? 'deleted'
          : second !== null
            ? 'renamed'
            : oldId === newId && oldMode !== newMode
              ? 'mode'
              : 'modified'
    files.push({
      path: second ?? first,
      from: second === null ? null : first,
      status,
      mode: status === 'deleted' ? null : newMode,
      added: 0,
      removed: 0,
      binary: false,
    })
  }
  if (files.length > filesCap) throw changeRefused([`it has ${files.length} files; at most ${filesCap} are allowed`])
  const byPath = new Map(files.map((file) => [file.path, file]))
  while (at < parts.length) {
    const [added = '', removed = '', plain = ''] = (parts[at++] ?? '').split('\t')
    const name = plain === '' ? parts[at + 1] : plain // of a rename both names follow as parts of their own
    if (plain === '') at += 2
    const file = byPath.get(name ?? '')
    if (file) Object.assign(file, { added: Number(added) || 0, removed: Number(removed) || 0, binary: added === '-' })
  }
  return files.map((file) => ChangedFile.parse(file))
}

/** The patch from a base to a tree, as people are shown it. Throws WorkFailed `change_refused` when it is too large. */
export const readPatch = async (gitDir: string, base: string, tree: string): Promise<Buffer> => {
  try {
    return (
      await git(
        [
          'diff-tree',
          '-r',
          '-p',
          '-M',
          '--full-index',
          '--binary',
          '--no-ext-diff',
          '--no-textconv',
          '--no-color',
          '--no-prefix',
          '--src-prefix=a/',
          '--dst-prefix=b/',
          base,
          tree,
        ],
        { gitDir, most: patchCap },
      )
    ).out
  } catch (error) {
    if (error instanceof GitFailed && error.tooMuch)
      throw changeRefused([`its patch is larger than ${patchCap / 1024 / 1024} MB`])
    throw error
  }
}

/** Applies the patch to the base; the result must be the tree, byte for byte, or nobody is shown this patch. */
const provePatch = async (gitDir: string, base: string, tree: string, patch: Buffer, index: string): Promise<void> => {
  try {
    await git(['read-tree', base], { gitDir, index })
    await git(['apply', '--cached', '--binary', '--whitespace=nowarn', '-'], { gitDir, index, input: patch })
    const found = await gitText(['write-tree'], { gitDir, index })
    if (found !== tree) throw new Error(`the patch from ${base} gives the tree ${found}, not ${tree}`)
  } finally {
    await rm(index, { force: true })
  }
}

/** A commit by nobody in particular. `date`: git's raw form; null is now. The same input gives the same id. */
export const commitTree = (
  gitDir: string,
  tree: string,
  parents: readonly string[],
  message: string,
  date: string | null,
): Promise<string> => {
  const who = {
    GIT_AUTHOR_NAME: neutral,
    GIT_AUTHOR_EMAIL: neutralMail,
    GIT_COMMITTER_NAME: neutral,
    GIT_COMMITTER_EMAIL: neutralMail,
  }
  const when: Record<string, string> = date === null ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  return gitText(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    gitDir,
    input: `${message}\n`,
    env: { ...who, ...when },
  })
}
