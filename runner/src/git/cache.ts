/**
 * Where does vpd keep a repository, and how do a ref and a commit get there?
 * One bare repository per remote, written by vpd alone, never collected while runs exist (clones of steps borrow its objects).
 */
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { failed } from '../work/failure.ts'
import { credentialEnvironment } from './credentials.ts'
import { git, GitFailed, gitText } from './run-git.ts'
import type { Remote } from './remote-url.ts'
import { unreachable } from './unreachable.ts'

export type Cache = { readonly dir: string; readonly remote: Remote; readonly home: string }

/** `sharedRepository`: a clone has second names of the objects, which another user must be able to read; the cache's folder keeps others out. */
const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tsharedRepository = 0644
[gc]
\tauto = 0
\tpruneExpire = never
[maintenance]
\tauto = false
`

const locks = new Map<string, Promise<unknown>>()

/** Lets one writer at a time into a cache, within this process (one vpd owns a home). */
export const withLock = async <T>(cache: Pick<Cache, 'dir'>, write: () => Promise<T>): Promise<T> => {
  const before = locks.get(cache.dir) ?? Promise.resolve()
  const mine = before.then(write, write)
  const settled = mine.catch(() => {})
  locks.set(cache.dir, settled)
  try {
    return await mine
  } finally {
    if (locks.get(cache.dir) === settled) locks.delete(cache.dir)
  }
}

/** The cache of a remote; made when it is not there. */
export const openCache = async (home: string, remote: Remote): Promise<Cache> => {
  const cache = { dir: path.join(home, 'cache', remote.folder), remote, home }
  await withLock(cache, async () => {
    // Whoever works as another user is given the objects of its own repositories, and sees no cache.
    await mkdir(path.join(home, 'cache'), { recursive: true, mode: 0o700 })
    await chmod(path.join(home, 'cache'), 0o700)
    if (!(await readFile(path.join(cache.dir, 'HEAD')).catch(() => null))) await makeCache(cache)
    await mendSettings(cache.dir)
    await writeFile(path.join(cache.dir, 'description'), `${remote.url}\n`)
  })
  return cache
}

/** Addresses of the repositories that a runner's folder has caches of: those it has worked on or looked at. */
export const cachedRemotes = async (home: string): Promise<string[]> => {
  const names = await readdir(path.join(home, 'cache')).catch(() => [])
  const told = await Promise.all(
    names
      .filter((name) => name.endsWith('.git'))
      .map((name) => readFile(path.join(home, 'cache', name, 'description'), 'utf8').catch(() => '')),
  )
  return told.map((text) => text.trim()).filter((text) => /^(https|file):\/\//.test(text))
}

/**
 * Puts a cache's settings right: an agent of the same user could have changed them, so that a patch hides lines (attributes), or objects come
 * from elsewhere (alternates). Called when a cache is opened and again before what an agent left is read.
 */
export const mendSettings = async (dir: string): Promise<void> => {
  await Promise.all([
    writeFile(path.join(dir, 'config'), config),
    ...['hooks', 'info', 'objects/info/alternates'].map((name) =>
      rm(path.join(dir, name), { recursive: true, force: true }),
    ),
  ])
}

/** Made beside its place and renamed, so that a half made cache never counts as one. */
const makeCache = async (cache: Cache): Promise<void> => {
  await mkdir(path.dirname(cache.dir), { recursive: true })
  const draft = `${cache.dir}.draft`
  await rm(draft, { recursive: true, force: true })
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=none', draft])
  await rm(cache.dir, { recursive: true, force: true })
  await rename(draft, cache.dir)
}

/**
 * Makes sure that the commit is here and returns its id. `commit` null: the remote's present value of `ref` (`HEAD`, a full name, or a branch).
 * Throws WorkFailed: those of unreachable.ts, `ref_missing`, `commit_missing`.
 */
export const fetchCommit = async (
  cache: Cache,
  ref: string,
  commit: string | null,
  signal?: AbortSignal,
): Promise<string> => {
  if (commit !== null && (await hasCommit(cache, commit))) return commit
  if (!isRefName(ref)) throw refMissing(cache, JSON.stringify(ref))
  await withLock(cache, () => fetchBranches(cache, ref, signal))
  if (commit === null) return refCommit(cache, ref)
  if (await hasCommit(cache, commit)) return commit
  // not on a branch any more: some servers still give it by its id
  await withLock(cache, () => fetchRefspecs(cache, [`${commit}:refs/vpd/asked/${commit}`], signal)).catch(() => {})
  if (await hasCommit(cache, commit)) return commit
  throw failed(
    'checkout',
    'commit_missing',
    `The commit ${commit} is not in ${cache.remote.url} any more.`,
    'Was the branch rewritten? Start a new run on the present commit.',
    { retrySafe: true },
  )
}

/** git's own rules for names (git-check-ref-format), so that a ref is never an option, a pattern or two names. */
const isRefName = (ref: string): boolean =>
  !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|\/$|\.$|\.lock$|(^|\/)\./.test(ref) && ref.length < 250

/** Is this commit here? */
export const hasCommit = async (cache: Pick<Cache, 'dir'>, commit: string): Promise<boolean> =>
  (await git(['cat-file', '-e', `${commit}^{commit}`], { gitDir: cache.dir, accept: [1, 128] })).exit === 0

/** Brings what a ref of the remote holds now, without touching the branches of the cache. Returns the commit. */
export const fetchRef = async (cache: Cache, ref: string): Promise<string> => {
  const name = `refs/vpd/seen/${ref.replace(/^refs\//, '')}`
  return withLock(cache, async () => {
    await fetchRefspecs(cache, [`+${ref}:${name}`])
    return gitText(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { gitDir: cache.dir })
  })
}

const fetchBranches = async (cache: Cache, ref: string, signal?: AbortSignal): Promise<void> => {
  const head =
    ref === 'HEAD'
      ? ['+HEAD:refs/vpd/head']
      : ref.startsWith('refs/') && !ref.startsWith('refs/heads/')
        ? [`+${ref}:refs/vpd/seen/${ref.slice(5)}`]
        : []
  await fetchRefspecs(cache, ['+refs/heads/*:refs/heads/*', ...head], signal)
}

const fetchRefspecs = async (cache: Cache, refspecs: string[], signal?: AbortSignal): Promise<void> => {
  const env = await credentialEnvironment(cache.home, 'checkout', cache.remote)
  const options = { gitDir: cache.dir, env, seconds: 1_800, ...(signal ? { signal } : {}) }
  try {
    await git(
      [
        'fetch',
        '--quiet',
        '--prune',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--no-recurse-submodules',
        '--',
        cache.remote.url,
        ...refspecs,
      ],
      options,
    )
  } catch (error) {
    if (!(error instanceof GitFailed) || signal?.aborted) throw error
    if (/couldn't find remote ref|no such ref/i.test(error.err)) throw refMissing(cache, refspecs.at(-1) ?? '')
    if (/mismatched algorithms/i.test(error.err))
      throw failed(
        'checkout',
        'object_format',
        `${cache.remote.url} uses SHA-256 object ids; this version of vpd only reads repositories with SHA-1 ids.`,
        'Use a repository with SHA-1 ids.',
        { retrySafe: false, cause: error },
      )
    throw unreachable(cache.remote, error, 'VPD_GIT_TOKEN' in env)
  }
}

const refCommit = async (cache: Cache, ref: string): Promise<string> => {
  const name =
    ref === 'HEAD'
      ? 'refs/vpd/head'
      : ref.startsWith('refs/heads/')
        ? ref
        : ref.startsWith('refs/')
          ? `refs/vpd/seen/${ref.slice(5)}`
          : `refs/heads/${ref}`
  const found = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
    gitDir: cache.dir,
    accept: [1, 128],
  })
  if (found.exit !== 0) throw refMissing(cache, ref)
  return found.out.toString('utf8').trim()
}

const refMissing = (cache: Cache, ref: string) =>
  failed(
    'checkout',
    'ref_missing',
    `${cache.remote.url} has no ${ref.replace(/^\+/, '').split(':')[0]}.`,
    'Check the name of the branch in the workflow, and that the repository has a commit.',
  )
