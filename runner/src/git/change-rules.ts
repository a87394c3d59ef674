/**
 * May these files be part of a change at all?
 * Names, modes, links and what a forge or another machine would do with them. Which of the allowed ones need one approver more is not asked here.
 */
import path from 'node:path'
import type { ChangedFile } from '@viewportai/core/gate/subject'
import { refusedPaths } from '@viewportai/core/policy/paths'
import type { RepoUse } from '@viewportai/core/workflow/compiled'
import { secretsInPatch } from './secrets.ts'
import { readBlobs } from './tree-listing.ts'

export type Refused = { readonly path: string; readonly why: string }

/** Characters that file systems and git ignore inside `.git` (HFS), so that `.g\u200cit` is `.git` somewhere. */
const ignorable = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff]/g

/** Why this file name may not be in a change, or null. */
export const nameProblem = (name: string): string | null => {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'has a control character in its name'
  if (name.includes('\\')) return 'has a backslash in its name'
  if (Buffer.byteLength(name) > 4_096) return 'has a name longer than 4,096 bytes'
  for (const part of name.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'is not a plain path'
    const plain = part
      .replace(ignorable, '')
      .toLowerCase()
      .replace(/[. ]+$/, '')
      .split(':')[0]
    if (plain === '.git' || plain === 'git~1') return 'lies in a .git folder'
    if (plain === '.gitmodules') return 'would change the submodules'
  }
  return null
}

/** Everything that speaks against the change, with the reason; empty when nothing does. `patch`: its text. */
export const refusedFiles = async (
  gitDir: string,
  tree: string,
  files: readonly ChangedFile[],
  patch: string,
  use: Pick<RepoUse, 'access' | 'write'>,
): Promise<Refused[]> => {
  const written = files.filter((file) => file.status !== 'deleted')
  const blobs = await readBlobs(
    gitDir,
    written.map((file) => `${tree}:${file.path}`).filter((name) => !name.includes('\n')),
  )
  const found: Refused[] = []
  for (const file of files) {
    const problem = nameProblem(file.path) ?? (file.from === null ? null : nameProblem(file.from))
    if (problem) found.push({ path: file.path, why: problem })
    if (file.mode === '160000') found.push({ path: file.path, why: 'is a submodule' })
  }
  if (found.length > 0) return found
  written.forEach((file, at) => {
    const content = blobs[at]
    if (file.mode === '120000' && content) {
      const problem = linkProblem(file.path, content.toString('utf8'))
      if (problem) found.push({ path: file.path, why: problem })
    }
    if (content?.subarray(0, 42).toString('latin1') === 'version https://git-lfs.github.com/spec/v1')
      found.push({
        path: file.path,
        why: 'is a pointer to a large file (git lfs) whose content would not be published',
      })
  })
  for (const { path: name, why } of refusedPaths(files, use))
    if (!found.some((f) => f.path === name)) found.push({ path: name, why })
  for (const secret of secretsInPatch(patch))
    found.push({ path: secret.path, why: `line ${secret.line} looks like a secret (${secret.kind})` })
  return found
}

/** Why this link may not be in a change: it must stay inside the repository and outside of .git. */
const linkProblem = (name: string, target: string): string | null => {
  if (target.includes('\0') || target === '') return 'is a link to nothing'
  if (path.posix.isAbsolute(target) || /^[a-z]:/i.test(target)) return 'is a link to an absolute path'
  const reached = path.posix.normalize(path.posix.join(path.posix.dirname(name), target))
  if (reached === '..' || reached.startsWith('../')) return 'is a link out of the repository'
  return reached !== '.' && nameProblem(reached.replace(/\/$/, '')) ? 'is a link into .git' : null
}
