/** What does the remote hold when an effect begins or is looked up? One answer for a push and for a merge. */
import type { Change } from '@viewportai/core/gate/subject'
import type { Cache } from '../git/cache.ts'
import { wordsOf } from '../git/last-words.ts'
import { lookAtRemote } from '../git/publish.ts'
import { gitText } from '../git/run-git.ts'
import { EffectUnknown, type EffectPlace } from './effect.ts'
import { failed } from './failure.ts'

/**
 * The values of these refs at the remote. `did`: what an effect of this kind has done, as in "pushed refs/heads/x".
 * A remote that cannot be read: nothing was done yet by a first attempt (a failure); else it is not known (EffectUnknown).
 */
export const lookBefore = async (
  place: EffectPlace,
  refs: readonly string[],
  did: { word: string; what: string },
): Promise<ReadonlyMap<string, string>> => {
  const { url } = place.cache.remote
  try {
    return await lookAtRemote(place.cache, refs)
  } catch (error) {
    const words = wordsOf(error)
    if (place.attempt > 1)
      throw new EffectUnknown(
        `An earlier attempt may have ${did.word} ${did.what}, and ${url} cannot be read: ${words}`,
      )
    throw failed(
      'effect',
      'remote_unreachable',
      `${url} could not be read, so nothing was ${did.word}: ${words}`,
      'Check the network of the runner and the publish token in its credentials.json.',
      { cause: error },
    )
  }
}

/** A commit's tree and its parents, as `TREE PARENT…`. */
export const treeAndParents = (cache: Cache, commit: string): Promise<string> =>
  gitText(['show', '--no-patch', '--format=%T %P', commit], { gitDir: cache.dir })

/** What `treeAndParents` says of a commit that holds this change. The same files on another history are another change. */
export const approvedTreeAndParent = ({ tree, base }: Pick<Change, 'tree' | 'base'>): string => `${tree} ${base}`
