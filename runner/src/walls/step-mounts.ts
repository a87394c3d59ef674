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
const readOnly = new Set(['context'])
/** Folders of clones: each clone is mounted, not what they lie in. */
const ofClones = new Set(['tree', 'base', 'change'])

/** bubblewrap's words for a step's folder as it is now. */
export const stepMounts = (folder: string): string[] => [
  '--ro-bind',
  folder,
  folder,
  ...foldersIn(folder).flatMap((name) => {
    const at = path.join(folder, name)
    if (hidden.has(name)) return ['--tmpfs', at, '--remount-ro', at]
    if (readOnly.has(name)) return []
    if (!ofClones.has(name)) return ['--bind', at, at]
    return foldersIn(at).flatMap((clone) => ['--bind', path.join(at, clone), path.join(at, clone)])
  }),
]

/** Real folders alone: a link is not followed. */
const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
