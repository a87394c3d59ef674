/**
 * How does exactly one approved commit get to exactly one ref of a remote?
 * From vpd's own cache, by one refspec, on condition of the remote's old value; then the remote is read again. The token is seen by these git processes alone.
 */
import type { Cache } from './cache.ts'
import { credentialEnvironment } from './credentials.ts'
import { git } from './run-git.ts'

/** What these refs of the remote hold now; a ref that does not exist is not in the map. Throws GitFailed when the remote cannot be read. */
export const lookAtRemote = async (cache: Cache, refs: readonly string[]): Promise<Map<string, string>> => {
  const env = await credentialEnvironment(cache.home, 'publish', cache.remote)
  const { out } = await git(['ls-remote', '--quiet', '--refs', '--', cache.remote.url, ...refs], {
    gitDir: cache.dir,
    env,
    seconds: 60,
  })
  const rows = out.toString('utf8').split('\n').filter(Boolean)
  // patterns of ls-remote match ends of names: only exact names count
  return new Map(
    rows
      .map((row) => row.split('\t'))
      .flatMap(([id = '', ref = '']) => (refs.includes(ref) ? [[ref, id] as const] : [])),
  )
}

/** Pushes `commit` to `ref` when the remote's ref still holds `expect` (null: does not exist). Throws GitFailed with the remote's own words. */
export const pushCommit = async (cache: Cache, commit: string, ref: string, expect: string | null): Promise<void> => {
  const env = await credentialEnvironment(cache.home, 'publish', cache.remote)
  const args = [
    'push',
    '--quiet',
    '--no-verify',
    '--no-signed',
    '--no-follow-tags',
    '--no-thin',
    '--recurse-submodules=no',
    `--force-with-lease=${ref}:${expect ?? ''}`,
    '--',
    cache.remote.url,
    `${commit}:${ref}`,
  ]
  await git(args, { gitDir: cache.dir, env, seconds: 600 })
}
