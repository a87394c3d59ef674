/**
 * What of its folder may a step write?
 * What lies in it: each folder is mounted by itself, so that none can be moved away or replaced by a link that vpd would follow afterwards. Nothing can be
 * made beside them. What vpd keeps there for itself is not seen.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** vpd's own part of a step's folder. */
const hidden = new Set(['scratch', 'quarantine'])
/** Given to be read. */
const readOnly = new Set(['context', 'settings'])
/** Folders of clones: each clone is mounted, not what they lie in. */
const ofClones = new Set(['tree', 'base', 'change'])

/** The folders that the step may write, as they are now. */
export const writableIn = (folder: string): string[] =>
  foldersIn(folder).flatMap((name) => {
    const at = path.join(folder, name)
    if (hidden.has(name) || readOnly.has(name)) return []
    return ofClones.has(name) ? foldersIn(at).map((clone) => path.join(at, clone)) : [at]
  })

/** bubblewrap's words for a step's folder as it is now. */
export const stepMounts = (folder: string): string[] => [
  '--ro-bind',
  folder,
  folder,
  ...foldersIn(folder)
    .filter((name) => hidden.has(name))
    .map((name) => path.join(folder, name))
    .flatMap((at) => ['--tmpfs', at, '--remount-ro', at]),
  ...writableIn(folder).flatMap((at) => ['--bind', at, at]),
]

/** Real folders alone: a link is not followed. */
const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
