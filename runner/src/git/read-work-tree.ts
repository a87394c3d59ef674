/**
 * What did the agent leave on disk, as a git tree?
 * vpd walks the files itself and writes blobs and tree into its own cache. The agent's `.git` is never opened, no link is followed, no filter runs.
 * Ignored files (the tree's own .gitignore) that are not in the start tree stay out. Call it only when nothing of the step is alive.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readlink, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { failed } from '../work/failure.ts'
import { git, gitText } from './run-git.ts'
import { nameProblem } from './change-rules.ts'
import { listTree, splitNul, type TreeEntry } from './tree-listing.ts'

/** Largest file that a change may bring, and all of its files together, in bytes. */
export const fileCap = 20 * 1024 * 1024
export const contentCap = 100 * 1024 * 1024
/** Most files of one change. */
export const filesCap = 5_000

type Found = { readonly mode: string; readonly content: Buffer }
type Changed = { readonly path: string; readonly mode: string; readonly content: Buffer }

/** The tree id of the files in `work`, which was checked out from `start` (a commit or tree). `scratch`: an empty folder of vpd's own. */
export const readWorkTree = async (cacheDir: string, work: string, start: string, scratch: string): Promise<string> => {
  if (!(await lstat(work).catch(() => null))?.isDirectory())
    throw refused('the folder of its clone is gone, or another stands in its place')
  await mkdir(scratch, { recursive: true })
  const index = path.join(scratch, 'index')
  await git(['read-tree', start], { gitDir: cacheDir, index })
  const [tracked, others] = await Promise.all([listTree(cacheDir, start), untracked(cacheDir, work, index)])
  const folders = folderCheck(work)
  const removed: string[] = []
  const changed: Changed[] = []
  for (const batch of inBatches(tracked, 32)) {
    const states = await Promise.all(batch.map((entry) => stateOf(work, entry, folders)))
    batch.forEach((entry, at) => {
      const state = states[at]
      if (state === 'gone') removed.push(entry.path)
      else if (state && state !== 'same') changed.push({ path: entry.path, ...state })
    })
  }
  if (others.length + changed.length + removed.length > filesCap)
    throw refused(`it has more than ${filesCap} files (is something missing in .gitignore?)`)
  let bytes = changed.reduce((sum, file) => sum + file.content.length, 0)
  for (const name of others) {
    const found = await readEntry(work, name, folders)
    if (found) changed.push({ path: name, ...found })
    bytes += found?.content.length ?? 0
    if (bytes > contentCap) throw refused(`its files are together larger than ${contentCap / 1024 / 1024} MB`)
  }
  for (const file of changed) {
    const problem = nameProblem(file.path)
    if (problem) throw refused(`${JSON.stringify(file.path)}: ${problem}`)
  }
  if (removed.length === 0 && changed.length === 0)
    return gitText(['rev-parse', '--verify', `${start}^{tree}`], { gitDir: cacheDir })
  const ids = await writeBlobs(cacheDir, changed, path.join(scratch, 'blobs'))
  const noId = '0'.repeat(ids[0]?.length ?? tracked[0]?.id.length ?? 40)
  const rows = [
    ...removed.map((name) => `0 ${noId}\t${name}`),
    ...changed.map(({ mode, path: name }, at) => `${mode} ${ids[at]}\t${name}`),
  ]
  await git(['update-index', '-z', '--index-info'], {
    gitDir: cacheDir,
    index,
    input: rows.map((row) => `${row}\0`).join(''),
  })
  return gitText(['write-tree'], { gitDir: cacheDir, index })
}

/** Files git would add: not in the start tree, not ignored by the tree's own .gitignore. A repository inside the tree ends with a slash. */
const untracked = async (cacheDir: string, work: string, index: string): Promise<string[]> => {
  const { out } = await git(['ls-files', '-z', '--others', '--exclude-standard'], {
    gitDir: cacheDir,
    workTree: work,
    index,
  })
  const names = splitNul(out)
  if (!Buffer.from(names.map((name) => `${name}\0`).join('')).equals(out))
    throw refused('a file name is not valid UTF-8')
  const nested = names.find((name) => name.endsWith('/'))
  if (nested) throw refused(`${JSON.stringify(nested)} is a git repository of its own`)
  return names
}

const refused = (why: string) =>
  failed(
    'policy',
    'change_refused',
    `The agent's files cannot become a change: ${why}.`,
    'Send the step back and say what must go; see its log for how it came about.',
    { started: true },
  )

const stateOf = async (
  work: string,
  entry: TreeEntry,
  folders: (name: string) => Promise<boolean>,
): Promise<Found | 'same' | 'gone'> => {
  if (entry.mode === '160000') return 'same' // a submodule of the base stays as it is: its folder is empty here
  const found = await readEntry(work, entry.path, folders)
  if (!found) return 'gone'
  return found.mode === entry.mode && blobId(found.content, entry.id.length) === entry.id ? 'same' : found
}

/** One path of the tree; null when there is no file or link there. Refuses devices, sockets and pipes. */
const readEntry = async (
  work: string,
  name: string,
  folders: (name: string) => Promise<boolean>,
): Promise<Found | null> => {
  if (!(await folders(path.posix.dirname(name)))) return null
  const file = path.join(work, name)
  const info = await lstat(file).catch(() => null)
  if (!info || info.isDirectory()) return null
  if (info.isSymbolicLink()) return { mode: '120000', content: await readlink(file, { encoding: 'buffer' }) }
  if (!info.isFile()) throw refused(`${JSON.stringify(name)} is a device, socket or pipe`)
  if (info.size > fileCap) throw refused(`${JSON.stringify(name)} is larger than ${fileCap / 1024 / 1024} MB`)
  // O_NOFOLLOW: should a process have survived after all, it cannot swap in a link here
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return { mode: (info.mode & 0o100) !== 0 ? '100755' : '100644', content: await handle.readFile() }
  } finally {
    await handle.close()
  }
}

/** Is this folder, and every one above it, a real folder below `work` and not a link? Remembered. */
const folderCheck = (work: string): ((name: string) => Promise<boolean>) => {
  const known = new Map<string, Promise<boolean>>([['.', Promise.resolve(true)]])
  const check = (name: string): Promise<boolean> => {
    const before = known.get(name)
    if (before) return before
    const answer = check(path.posix.dirname(name)).then(
      async (above) => above && ((await lstat(path.join(work, name)).catch(() => null))?.isDirectory() ?? false),
    )
    known.set(name, answer)
    return answer
  }
  return check
}

const blobId = (content: Buffer, hexDigits: number): string =>
  createHash(hexDigits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex')

/** Writes contents as blobs, from copies under names of our own: file names never reach git. */
const writeBlobs = async (cacheDir: string, changed: readonly Changed[], folder: string): Promise<string[]> => {
  if (changed.length === 0) return []
  await mkdir(folder, { recursive: true })
  const names = await Promise.all(
    changed.map(async ({ content }, at) => {
      const name = path.join(folder, String(at))
      await writeFile(name, content)
      return name
    }),
  )
  const text = await gitText(['hash-object', '-w', '--no-filters', '--stdin-paths'], {
    gitDir: cacheDir,
    input: `${names.join('\n')}\n`,
  })
  await rm(folder, { recursive: true, force: true })
  return text.split('\n')
}

const inBatches = function* <T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
