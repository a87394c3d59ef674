/**
 * What does a repository tell agents about itself?
 * AGENTS.md and CLAUDE.md of its root, read from the cache at the base: what a change, or the agent in its clone, makes of them does not count.
 */
import { git } from '../git/run-git.ts'
import { readBlobs, splitNul } from '../git/tree-listing.ts'

export type Note = { readonly path: string; readonly text: string }

const names = ['AGENTS.md', 'CLAUDE.md'] as const
/** Characters kept of one. */
const most = 30_000

/** The notes that are plain files; the same text under two names is one. A note that is too long is cut, and says so. */
export const repositoryNotes = async (gitDir: string, commit: string): Promise<Note[]> => {
  const { out } = await git(['ls-tree', '-z', '--full-tree', commit, '--', ...names], { gitDir })
  const plain = splitNul(out)
    .filter((line) => /^100(644|755) blob /.test(line))
    .map((line) => line.slice(line.indexOf('\t') + 1))
  const blobs = await readBlobs(
    gitDir,
    plain.map((name) => `${commit}:${name}`),
  )
  const notes = plain.map((path, at) => ({ path, text: cut(blobs[at]?.toString('utf8') ?? '') }))
  return notes.filter(
    ({ text }, at) => text.trim() !== '' && notes.findIndex((one) => one.text.trim() === text.trim()) === at,
  )
}

const cut = (text: string): string =>
  text.length > most ? `${text.slice(0, most)}\n(${text.length - most} more characters are left out)` : text
