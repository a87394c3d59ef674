/**
 * What does a repository hold that work on it depends on: where it would begin, its branches, how a change of it is proved?
 * Asked of the remote and read from vpd's own cache. Nothing of the repository runs, and nothing is written into it.
 */
import type { LookedChecks, LookedRepository } from '@viewportai/core/try/looked'
import { fetchCommit, openCache, type Cache } from '../git/cache.ts'
import { credentialEnvironment } from '../git/credentials.ts'
import { remoteOf } from '../git/remote-url.ts'
import { git, GitFailed } from '../git/run-git.ts'
import { splitNul } from '../git/tree-listing.ts'
import { unreachable } from '../git/unreachable.ts'
import { checksWithRegistries } from '../work/check-commands.ts'
import { failed } from '../work/failure.ts'

export type Place = {
  /** The runner's folder, where its caches are. */
  readonly home: string
  readonly url: string
  /** null: the default of the remote. */
  readonly branch: string | null
  /** Told what is done now. */
  readonly tell: (now: string) => void
  readonly signal: AbortSignal
}

/** Looks. Throws WorkFailed with what is in the way: of unreachable.ts, `no_commit`, `head_detached`, `ref_missing`, `checks_unreadable` … */
export const lookAtRepository = async ({
  home,
  url,
  branch: asked,
  tell,
  signal,
}: Place): Promise<{ repository: LookedRepository; checks: LookedChecks }> => {
  const cache = await openCache(home, remoteOf(url))
  tell('asking for its branches')
  const heads = await headsOf(cache, signal)
  const branch = branchOf(cache, heads, asked)
  tell(`fetching ${branch}`)
  const commit = await fetchCommit(cache, `refs/heads/${branch}`, null, signal)
  tell('reading what proves a change')
  const checks = await checksWithRegistries(cache.dir, commit)
  const names = [branch, ...heads.branches.filter((one) => one !== branch)]
  return {
    checks,
    repository: {
      branch,
      commit,
      branches: names.slice(0, 50),
      branchCount: names.length,
      ...(await submodulesOf(cache, commit, signal)),
    },
  }
}

/** Can its remote be read from here, with the token that is here? One question, nothing is fetched. Throws WorkFailed with what is in the way. */
export const countBranches = async (home: string, url: string, signal: AbortSignal): Promise<number> => {
  const { branches } = await headsOf(await openCache(home, remoteOf(url)), signal)
  return branches.length
}

type Heads = {
  /** The branch that HEAD names, there or not; null: HEAD names a commit, or nothing. */
  readonly head: string | null
  /** HEAD is a commit, on no branch. */
  readonly detached: boolean
  readonly branches: readonly string[]
}

/** A repository of more branches than this is not one that a person chooses from. */
const mostBytes = 32 * 1024 * 1024

/** One question to the remote, before anything is fetched: it is answered in a moment also where fetching takes long. */
const headsOf = async (cache: Cache, signal: AbortSignal): Promise<Heads> => {
  const env = await credentialEnvironment(cache.home, 'checkout', cache.remote)
  const words = ['ls-remote', '--symref', '--', cache.remote.url, 'HEAD', 'refs/heads/*']
  const { out } = await git(words, { gitDir: cache.dir, env, seconds: 120, most: mostBytes, signal }).catch(
    (error: unknown) => {
      throw error instanceof GitFailed && !error.tooMuch && !signal.aborted
        ? unreachable(cache.remote, error, 'VPD_GIT_TOKEN' in env)
        : error
    },
  )
  const rows = out.toString('utf8').split('\n')
  const named = rows.map((row) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(row)?.[1]).find((one) => one !== undefined)
  return {
    head: named ?? null,
    detached: named === undefined && rows.some((row) => /^[0-9a-f]+\tHEAD$/.test(row)),
    // What a schema or a person could not read is left out: it can be named all the same.
    branches: rows.flatMap((row) => /^[0-9a-f]+\trefs\/heads\/(.{1,250})$/.exec(row)?.[1] ?? []),
  }
}

const branchOf = ({ remote: { url } }: Cache, { head, detached, branches }: Heads, asked: string | null): string => {
  const some = `It has ${branches.slice(0, 5).join(', ')}${branches.length > 5 ? ', …' : ''}.`
  const no = (code: string, summary: string, check: string) =>
    failed('checkout', code, summary, check, { retrySafe: false })
  if (branches.length === 0)
    throw no('no_commit', `${url} has no branch with a commit yet.`, 'Commit something first, then look again.')
  if (asked !== null) {
    const name = asked.replace(/^refs\/heads\//, '')
    if (branches.includes(name)) return name
    throw no('ref_missing', `${url} has no branch ${name}.`, some)
  }
  if (detached)
    throw no(
      'head_detached',
      `HEAD of ${url} is at a commit and on no branch: nothing says what a change would be merged into.`,
      `Name a branch. ${some}`,
    )
  if (head !== null && branches.includes(head)) return head
  throw no(
    'ref_missing',
    head === null
      ? `${url} does not say which branch is its default.`
      : `The default branch of ${url} is ${head}, and there is none.`,
    `Name a branch. ${some}`,
  )
}

const submodulesOf = async (
  { dir }: Cache,
  commit: string,
  signal: AbortSignal,
): Promise<Pick<LookedRepository, 'submodules' | 'submoduleCount'>> => {
  const { out } = await git(['ls-tree', '-r', '-z', '--full-tree', commit], { gitDir: dir, signal })
  const found = splitNul(out).filter((row) => row.startsWith('160000 '))
  return {
    submodules: found.slice(0, 3).map((row) => row.slice(row.indexOf('\t') + 1).slice(0, 500)),
    submoduleCount: found.length,
  }
}
