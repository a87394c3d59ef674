/** How does an opened change get into its target branch, once? By a fast-forward where that is possible, else by one merge commit. */
import type { z } from 'zod'
import type { MergeParams } from '@viewportai/core/wire/job'
import { refRefusal } from '@viewportai/core/policy/ref-name'
import { checkPatch } from '../git/approved-change.ts'
import { fetchRef } from '../git/cache.ts'
import { lastWords, wordsOf } from '../git/last-words.ts'
import { commitTree } from '../git/make-change.ts'
import { plainMessage } from '../git/plain-message.ts'
import { lookAtRemote, pushCommit } from '../git/publish.ts'
import { git, gitText } from '../git/run-git.ts'
import { EffectUnknown, noteSent, stillWanted, type Done, type EffectPlace } from './effect.ts'
import { approvedTreeAndParent, lookBefore, treeAndParents } from './effect-look.ts'
import { failed } from './failure.ts'

type Params = z.infer<typeof MergeParams>
type Tips = { readonly from: string; readonly into: string }

/** How often a target that moved between looking and pushing is looked at again. */
const tries = 3

/** Merges `ref` into `into`, only while `ref` still holds the approved tree on the approved base. What is merged already is found, not merged again. */
export const mergeBranch = async (place: EffectPlace, params: Params): Promise<Done> => {
  const problem = refRefusal(params.ref) ?? refRefusal(params.into, { ours: false })
  if (problem)
    throw failed(
      'policy',
      'target_refused',
      `${params.ref} cannot be merged into ${params.into}: ${problem}.`,
      'Look at the change in Viewport.',
      { retrySafe: false },
    )
  for (let left = tries; ; left--) {
    const tips = await look(place, params)
    const merged = await mergedAs(place, tips)
    if (merged) return done(place, params, merged, tips.into, left === tries)
    const commit = await mergeCommit(place, params, tips)
    stillWanted(place)
    const outcome = await push(place, params, commit, tips)
    if (outcome === 'pushed') return done(place, params, commit, tips.into, false)
    if (left === 1)
      throw failed(
        'effect',
        'target_busy',
        `${params.into} changed ${tries} times while it was merged; nothing was merged.`,
        'Try again in a moment.',
      )
  }
}

const done = (place: EffectPlace, params: Params, commit: string, before: string, reconciled: boolean): Done => ({
  receipt: {
    provider: 'git',
    id: `${params.into}@${commit}`,
    url: null,
    observed: {
      repo: place.change.repo,
      remote: place.cache.remote.url,
      ref: params.ref,
      into: params.into,
      commit,
      before,
      tree: place.change.tree,
      change: params.change,
    },
    readBack: true,
  },
  reconciled,
})

/** Both branches as the remote has them, brought into the cache. Throws unless `ref` holds the approved tree on its base. */
const look = async (place: EffectPlace, { ref, into }: Params): Promise<Tips> => {
  const seen = await lookBefore(place, [ref, into], { word: 'merged', what: ref })
  for (const name of [ref, into])
    if (!seen.has(name))
      throw failed(
        'effect',
        'ref_missing',
        `${place.cache.remote.url} has no ${name} any more, so nothing was merged.`,
        'Was the branch deleted or renamed? Look at the repository.',
        { retrySafe: false },
      )
  const tips = { from: await fetchRef(place.cache, ref), into: await fetchRef(place.cache, into) }
  // The same files on another history are another change: a fast-forward to them would undo what others did meanwhile.
  const { tree, base } = place.change
  const found = await treeAndParents(place.cache, tips.from)
  if (found !== approvedTreeAndParent(place.change))
    throw failed(
      'policy',
      'digest_differs',
      `${ref} does not hold the approved change any more: approved tree ${tree.slice(0, 12)} on ${base.slice(0, 12)}, found tree ${shortened(found)}.`,
      'A new decision is needed on what the branch holds now.',
      { retrySafe: false },
    )
  await checkPatch(place.cache, place.change, place.port.evidence, place.scratch)
  return tips
}

const shortened = (found: string): string => {
  const [tree = '', ...parents] = found.split(' ').map((id) => id.slice(0, 12))
  return `${tree} on ${parents.join(' and ') || 'nothing'}`
}

const isAncestor = async (place: EffectPlace, older: string, newer: string): Promise<boolean> =>
  (await git(['merge-base', '--is-ancestor', older, newer], { gitDir: place.cache.dir, accept: [1] })).exit === 0

/** The commit by which the target got the branch, or null when it has not. */
const mergedAs = async (place: EffectPlace, { from, into }: Tips): Promise<string | null> => {
  if (!(await isAncestor(place, from, into))) return null
  const rows = await gitText(['rev-list', '--first-parent', '--parents', `${from}..${into}`], {
    gitDir: place.cache.dir,
  })
  const merge = rows.split('\n').find((row) => row.split(' ').slice(2).includes(from))
  return merge?.split(' ')[0] ?? from
}

/** The branch itself where it only goes forward, else a merge commit; the same for every attempt on the same two commits. */
const mergeCommit = async (place: EffectPlace, params: Params, { from, into }: Tips): Promise<string> => {
  const gitDir = place.cache.dir
  if (await isAncestor(place, into, from)) return from
  if (params.method === 'fast_forward')
    throw failed(
      'effect',
      'not_fast_forward',
      `${params.into} has moved on since ${params.ref} began; the workflow allows a fast-forward alone.`,
      'Send the agent back with the present state of the branch, or allow a merge commit (method: merge).',
      { retrySafe: false },
    )
  const merge = await git(['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', into, from], {
    gitDir,
    accept: [1, 128],
  })
  const [tree = '', ...names] = merge.out.toString('utf8').split('\0')
  if (merge.exit === 1)
    throw failed(
      'effect',
      'merge_conflict',
      `${params.ref} cannot be merged into ${params.into}: both changed ${listed(names)}.`,
      'Send the agent back with the present state of the branch, or merge by hand.',
      { retrySafe: false },
    )
  if (merge.exit !== 0)
    throw failed(
      'effect',
      'merge_failed',
      `git could not merge ${params.ref} into ${params.into}: ${lastWords(merge.err)}`,
      'git 2.38 or newer is needed on the runner, and both branches need a common history.',
    )
  const date = await gitText(['show', '--no-patch', '--format=%ct +0000', from], { gitDir })
  return commitTree(gitDir, tree, [into, from], plainMessage(params.title, place.digest), `@${date}`)
}

const listed = (names: readonly string[]): string => {
  const files = [...new Set(names.filter(Boolean))]
  return files.length > 5 ? `${files.slice(0, 5).join(', ')} and ${files.length - 5} more` : files.join(', ')
}

/** Pushes and reads back. `moved`: the target changed in between and nothing happened. */
const push = async (place: EffectPlace, { into }: Params, commit: string, tips: Tips): Promise<'pushed' | 'moved'> => {
  await noteSent(place)
  const error: unknown = await pushCommit(place.cache, commit, into, tips.into).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  const words = wordsOf(error)
  const after = await lookAtRemote(place.cache, [into]).catch(() => {
    throw new EffectUnknown(
      `${into} was pushed${error ? ` and broke off (${words})` : ''}; the remote cannot be read to see the result.`,
    )
  })
  const found = after.get(into) ?? null
  if (found === commit) return 'pushed'
  if (found !== null && (await isAncestor(place, commit, await fetchRef(place.cache, into)))) return 'pushed' // and somebody went on from there
  if (!error)
    throw new EffectUnknown(
      `${into} was pushed as ${commit}; right after it the remote answered ${found ?? 'that it does not exist'}.`,
    )
  if (found !== tips.into) return 'moved'
  throw failed(
    'effect',
    'push_rejected',
    `${place.cache.remote.url} did not take the push of ${into}: ${words}`,
    'Is the branch protected against this token? Merge on the forge, or change the rule.',
    { cause: error },
  )
}
