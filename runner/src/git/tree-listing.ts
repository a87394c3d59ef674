/** Which files does a tree hold? */
import { git } from './run-git.ts'

export type TreeEntry = { readonly mode: string; readonly id: string; readonly path: string }

/** Every entry of a tree or commit, recursively, submodule entries included. */
export const listTree = async (gitDir: string, tree: string): Promise<TreeEntry[]> => {
  const { out } = await git(['ls-tree', '-r', '-z', '--full-tree', tree], { gitDir })
  return splitNul(out).map((row) => {
    const tab = row.indexOf('\t')
    const [mode = '', , id = ''] = row.slice(0, tab).split(' ')
    return { mode, id, path: row.slice(tab + 1) }
  })
}

/** The parts of NUL-terminated output. */
export const splitNul = (bytes: Buffer): string[] => bytes.toString('utf8').split('\0').slice(0, -1)

/** Several blobs (or `commit:path`) in one process, in order; null where one is missing. Names must not hold a line feed. */
export const readBlobs = async (gitDir: string, names: readonly string[]): Promise<(Buffer | null)[]> => {
  if (names.length === 0) return []
  const { out } = await git(['cat-file', '--batch'], { gitDir, input: `${names.join('\n')}\n` })
  let at = 0
  return names.map(() => {
    const end = out.indexOf(0x0a, at)
    const head = out.subarray(at, end).toString('utf8')
    at = end + 1
    const size = / (?:blob|tree|commit|tag) (\d+)$/.exec(head)
    if (!size) return null // `… missing`
    const from = at
    at += Number(size[1]) + 1
    return out.subarray(from, from + Number(size[1]))
  })
}
