/**
 * Where do a repository's own settings for agents lie, and what stands in them at a commit?
 * Read from the cache, never from a working tree: what a change, or the agent in its clone, makes of them does not count.
 */
import { createHash } from 'node:crypto'
import { git } from '../git/run-git.ts'
import { readBlobs, splitNul } from '../git/tree-listing.ts'

/** Whoever changes anything here changes what agents do by themselves. */
export const settingsPlaces = ['.claude', '.mcp.json', '.codex', '.gemini', '.agents'] as const

/** Longest file of settings, in bytes. */
const longest = 200_000

export type PinnedFile = { readonly path: string; readonly bytes: Buffer; readonly digest: string }

/** Those of these paths that are plain files at the commit and not too long. */
export const filesAt = async (gitDir: string, commit: string, paths: readonly string[]): Promise<PinnedFile[]> => {
  const wanted = paths.filter((one) => !one.includes('\n') && !one.startsWith(':'))
  if (wanted.length === 0) return []
  const { out } = await git(['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commit, '--', ...wanted], {
    gitDir,
  })
  const plain = splitNul(out)
    .filter((line) => /^100(644|755) blob /.test(line))
    .map((line) => line.slice(line.indexOf('\t') + 1))
  const blobs = await readBlobs(
    gitDir,
    plain.map((name) => `${commit}:${name}`),
  )
  return plain.flatMap((path, at) => {
    const bytes = blobs[at]
    return bytes && bytes.length <= longest
      ? [{ path, bytes, digest: createHash('sha256').update(bytes).digest('hex') }]
      : []
  })
}

/** Which of these files or folders are another in the tree than at the commit. */
export const changedIn = async (
  gitDir: string,
  commit: string,
  tree: string,
  paths: readonly string[],
): Promise<string[]> => {
  const { out } = await git(
    ['--literal-pathspecs', 'diff-tree', '-r', '-z', '--name-only', '--no-renames', commit, tree, '--', ...paths],
    { gitDir },
  )
  return splitNul(out)
}

/** Paths of the repository that a command may mean, by its words. */
export const mentionedIn = (command: string): string[] => [
  ...new Set(
    command
      .replaceAll(/["'`]/g, '')
      .replaceAll(/\$\{?(CLAUDE_PROJECT_DIR|CODEX_PROJECT_DIR|PWD)\}?\/?/g, '')
      .split(/[\s=;|&()<>$]+/)
      .map((word) => word.replace(/^(\.\/)+/, ''))
      .filter((word) => /^[^/-][^\0]*$/.test(word) && !word.split('/').includes('..')),
  ),
]
