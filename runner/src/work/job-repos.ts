/** Which repositories does a job work with, at which commits? Fetched into the caches, and pinned where nobody has yet. */
import type { JobRepo } from '@viewportai/core/wire/job'
import { fetchCommit, openCache, type Cache } from '../git/cache.ts'
import { remoteOf } from '../git/remote-url.ts'
import { failed } from './failure.ts'
import type { Port, Setup } from './port.ts'

export type PinnedRepo = { readonly repo: JobRepo; readonly cache: Cache; readonly commit: string }

/** Fetches all repositories of a job, side by side; reports `pinned` for each that came without a commit. */
export const pinRepos = async (port: Port, setup: Setup, repos: readonly JobRepo[]): Promise<PinnedRepo[]> => {
  port.now('fetching')
  const pinned = await Promise.all(
    repos.map(async (repo) => {
      const cache = await openCache(setup.home, remoteOf(repo.url))
      return { repo, cache, commit: await fetchCommit(cache, repo.ref, repo.commit, port.signal) }
    }),
  )
  for (const { repo, commit } of pinned)
    if (repo.commit === null) await port.report({ type: 'pinned', repo: repo.name, ref: repo.ref, commit })
  return pinned
}

/** The repository a change goes to: the first that may be written, else the first of all. */
export const mainRepo = (pinned: readonly PinnedRepo[]): PinnedRepo => {
  const main = pinned.find(({ repo }) => repo.use.access === 'write') ?? pinned[0]
  if (!main)
    throw failed('checkout', 'no_repository', 'The workflow names no repository to work in.', 'Add one under repos.', {
      retrySafe: false,
    })
  return main
}
