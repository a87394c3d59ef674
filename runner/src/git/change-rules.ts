/**
 * May these files be part of a change at all?
 * Names, modes, links and what a forge or another machine would do with them. Which of the allowed ones need one approver more is not asked here.
 */
import path from 'node:path'
import type { ChangedFile } from '@viewportai/core/gate/subject'
import { nameRefusal, refusedPaths } from '@viewportai/core/policy/paths'
import type { RepoUse } from '@viewportai/core/workflow/compiled'
import { secretsInPatch } from './secrets.ts'
import { readBlobs } from './tree-listing.ts'

export type Refused = { readonly path: string; readonly why: string }

/** Why this file name may not be in a change, or null. */
export const nameProblem = (name: string): string | null => {
  const isModules = /(^|\/)\.gitmodules[. ]*$/i.test(name)
  return nameRefusal(name) ?? (isModules ? 'it would change the submodules' : null)
}

/** Everything that speaks against the change, with the reason; empty when nothing does. `patch`: its text. */
export const refusedFiles = async (
  gitDir: string,
  tree: string,
  files: readonly ChangedFile[],
  patch: string,
  use: Pick<RepoUse, 'access' | 'write'>,
): Promise<Refused[]> => {
  const found: Refused[] = []
  for (const file of files) {
    const problem = nameProblem(file.path) ?? (file.from === null ? null : nameProblem(file.from))
    if (problem) found.push({ path: file.path, why: problem })
  }
  if (found.length > 0) return found
  const written = files.filter((file) => file.status !== 'deleted')
  const blobs = await readBlobs(
    gitDir,
    written.map((file) => `${tree}:${file.path}`),
  )
  written.forEach((file, at) => {
    const content = blobs[at]
    if (file.mode === '120000' && content) {
      const problem = linkProblem(file.path, content.toString('utf8'))
      if (problem) found.push({ path: file.path, why: problem })
    }
    if (content?.subarray(0, 42).toString('latin1') === 'version https://git-lfs.github.com/spec/v1')
      found.push({
        path: file.path,
        why: 'it is a pointer to a large file (git lfs) whose content would not be published',
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
  if (target.includes('\0') || target === '') return 'it is a link to nothing'
  if (path.posix.isAbsolute(target) || /^[a-z]:/i.test(target)) return 'it is a link to an absolute path'
  const reached = path.posix.normalize(path.posix.join(path.posix.dirname(name), target))
  if (reached === '..' || reached.startsWith('../')) return 'it is a link out of the repository'
  return reached !== '.' && nameProblem(reached.replace(/\/$/, '')) ? 'it is a link into .git' : null
}
