/** Which files did the plan name, and which were changed? One table of both. */
import type { ChangedFile } from '@viewportai/core/gate/subject'

/** `planned` null: there was no plan. `file` null: planned and not changed. */
export type FileLine = { path: string; file: ChangedFile | null; planned: boolean | null; protect: boolean }

/** Changed files in the order of the change, then what was planned and left alone. A renamed file is planned when either name is. */
export const plannedAgainst = (
  files: readonly ChangedFile[],
  planned: readonly string[] | null,
  guarded: readonly string[] = [],
): FileLine[] => {
  const wanted = new Set(planned?.map(normal))
  const lines: FileLine[] = files.map((file) => ({
    path: file.path,
    file,
    planned:
      planned === null ? null : wanted.has(normal(file.path)) || (file.from !== null && wanted.has(normal(file.from))),
    protect: guarded.includes(file.path),
  }))
  const touched = new Set(
    files.flatMap((file) => (file.from === null ? [normal(file.path)] : [normal(file.path), normal(file.from)])),
  )
  for (const path of planned ?? [])
    if (!touched.has(normal(path))) lines.push({ path, file: null, planned: true, protect: false })
  return lines
}

const normal = (path: string): string => path.replace(/^\.\//, '')

/** The folder that all paths share, with its slash; a phone leaves it out. */
export const sharedFolder = (paths: readonly string[]): string => {
  if (paths.length < 2) return ''
  const folders = paths.map((path) => path.split('/').slice(0, -1))
  const shared: string[] = []
  for (let at = 0; folders.every((folder) => folder[at] !== undefined && folder[at] === folders[0]![at]); at += 1)
    shared.push(folders[0]![at]!)
  return shared.length ? `${shared.join('/')}/` : ''
}
