/** How does an approved change get to its branch, once? */
import type { z } from 'zod'
import type { PushParams } from '@viewportai/core/wire/job'
import { refRefusal } from '@viewportai/core/policy/ref-name'
import { bringChange, checkPatch } from '../git/approved-change.ts'
import { fetchRef } from '../git/cache.ts'
import { wordsOf } from '../git/last-words.ts'
import { commitTree } from '../git/make-change.ts'
import { plainMessage } from '../git/plain-message.ts'
import { lookAtRemote, pushCommit } from '../git/publish.ts'
import { gitText } from '../git/run-git.ts'
import { EffectUnknown, noteSent, stillWanted, type Done, type EffectPlace } from './effect.ts'
import { approvedTreeAndParent, lookBefore, treeAndParents } from './effect-look.ts'
import { failed } from './failure.ts'

/** Pushes the change to `ref`, only when the remote's ref holds `expect` (null: does not exist). What is there already is found, not pushed again. */
export const pushBranch = async (place: EffectPlace, params: z.infer<typeof PushParams>): Promise<Done> => {
  const { ref, expect } = params
  const problem = refRefusal(ref)
  if (problem)
    throw failed(
      'policy',
      'target_refused',
      `The branch ${JSON.stringify(ref)} may not be written by a run: ${problem}.`,
      'A run writes only its own branch.',
      { retrySafe: false },
    )
  const commit = await commitToPush(place, params.message)
  const before = (await lookBefore(place, [ref], { word: 'pushed', what: ref })).get(ref) ?? null
  if (before !== null && (await holdsChange(place, ref, before, commit))) return done(place, ref, before, true)
  if (before !== expect) throw moved(ref, expect, before)
  stillWanted(place)
  await noteSent(place)
  try {
    await pushCommit(place.cache, commit, ref, expect)
  } catch (error) {
    await explain(place, ref, expect, commit, error)
  }
  const after = await lookAfter(place, ref, `${ref} was pushed, but reading it back failed`)
  if (after !== commit)
    throw new EffectUnknown(
      `${ref} was pushed as ${commit}; right after it the remote answered ${after ?? 'that it does not exist'}.`,
    )
  return done(place, ref, commit, false)
}

const done = (place: EffectPlace, ref: string, commit: string, reconciled: boolean): Done => ({
  receipt: {
    provider: 'git',
    id: `${ref}@${commit}`,
    url: null,
    observed: { repo: place.change.repo, remote: place.cache.remote.url, ref, commit, tree: place.change.tree },
    readBack: true,
  },
  reconciled,
})

/** The commit that goes out: the approved tree on the approved base, with the message of the action. The same for every attempt. */
const commitToPush = async (place: EffectPlace, message: string | null): Promise<string> => {
  const { cache, change, port, scratch, digest } = place
  const commit = await bringChange(cache, change, port.evidence, scratch)
  await checkPatch(cache, change, port.evidence, scratch)
  const date = await gitText(['show', '--no-patch', '--format=%ct +0000', commit], { gitDir: cache.dir })
  return commitTree(cache.dir, change.tree, [change.base], plainMessage(message ?? '', digest), `@${date}`)
}

/** The remote's value of a ref after a push was tried. When it cannot be read, it is not known what came of that; `why` says so. */
const lookAfter = async ({ cache }: EffectPlace, ref: string, why: string): Promise<string | null> => {
  try {
    return (await lookAtRemote(cache, [ref])).get(ref) ?? null
  } catch (error) {
    throw new EffectUnknown(`${why}: ${wordsOf(error)}`)
  }
}

/** Does this commit of the remote hold the approved change: its tree, on its base? */
const holdsChange = async (place: EffectPlace, ref: string, found: string, commit: string): Promise<boolean> => {
  if (found === commit) return true
  await fetchRef(place.cache, ref)
  return (await treeAndParents(place.cache, found)) === approvedTreeAndParent(place.change)
}

const moved = (ref: string, expect: string | null, found: string | null) =>
  failed(
    'effect',
    'ref_moved',
    `${ref} holds ${found?.slice(0, 12) ?? 'nothing'}; ${expect?.slice(0, 12) ?? 'nothing'} was expected, so nothing was pushed.`,
    'Somebody else wrote this branch. Look at it, then decide again.',
    { retrySafe: false },
  )

/** The push command failed. Did it happen after all? Returns when it did; throws what is known otherwise. */
const explain = async (
  place: EffectPlace,
  ref: string,
  expect: string | null,
  commit: string,
  error: unknown,
): Promise<void> => {
  const words = wordsOf(error)
  const found = await lookAfter(place, ref, `The push of ${ref} broke off (${words}), and the remote cannot be read`)
  if (found === commit) return
  if (found !== expect) throw moved(ref, expect, found)
  throw failed(
    'effect',
    'push_rejected',
    `${place.cache.remote.url} did not take the push of ${ref}: ${words}`,
    'Check the rules of the remote and the publish token of the runner.',
    { cause: error },
  )
}
