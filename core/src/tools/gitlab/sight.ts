/**
 * How does a merge request stand at GitLab now: its state, what was said of it, the checks of its head?
 * The whole is asked each time. It is believed only about the address that was read back when it was opened. https://docs.gitlab.com/api/merge_requests
 */
import { z } from 'zod'
import type { PullSeen } from '../../run/pull-seen.ts'
import { anotherThere, numberOf } from '../place.ts'
import { address, commitIn, takesBack } from '../forge-sight.ts'
import type { Sees, Sight } from '../port.ts'
import { askerFor, projectPath } from './ask.ts'
import { checksOf } from './sight-checks.ts'
import { got, listed, whoOf, type Spot } from './sight-ask.ts'
import { reviewsOf } from './sight-reviews.ts'
import { Rest, User } from './rest.ts'
import { URLSearchParams } from '../url.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const Seen = Rest.extend({
  merge_user: maybe(User),
  merged_by: maybe(User),
  closed_by: maybe(User),
  merge_commit_sha: maybe(z.string()),
  squash_commit_sha: maybe(z.string()),
})
type Seen = z.infer<typeof Seen>
const Commit = z.object({ id: z.string(), message: z.string().nullish(), web_url: z.string().nullish() })

export const sight: Sees = async ({ ref, url }, connection, outside): Promise<Sight> => {
  const named = /^([^!\s]{3,300})!([1-9]\d{0,9})$/.exec(ref)
  if (!named) throw new Error(`${ref} is no merge request of GitLab.`)
  const project = projectPath(named[1]!)
  const spot: Spot = { ask: askerFor(connection, outside), project, mr: `${project}/merge_requests/${named[2]}` }
  const came = await got(spot.ask, spot.mr)
  const mr = Seen.parse(came.body)
  if (url !== null && mr.web_url !== url)
    throw new Error(`GitLab shows ${mr.web_url ?? 'no address'} as ${ref}; it was opened at ${url}.`)
  if (mr.target_project_id !== null) {
    const there = { name: named[1]!, number: String(mr.target_project_id) }
    const another = anotherThere(numberOf(connection.settings, there.name), there)
    if (another !== null) throw new Error(another)
  }
  const head = commitIn(mr.sha)
  if (head === null) throw new Error(`GitLab does not say yet what ${ref} shows.`)
  // Locked is a moment on the way to a merge.
  const state = mr.state === 'merged' ? 'merged' : mr.state === 'closed' ? 'closed' : 'open'
  const by = mr.merge_user ?? mr.merged_by ?? mr.closed_by
  const common = {
    ref,
    head,
    base: mr.target_branch ?? '',
    state,
    draft: mr.draft ?? false,
    by: by && whoOf(by),
  } as const
  if (state === 'merged') {
    const commit = commitIn(mr.merge_commit_sha) ?? commitIn(mr.squash_commit_sha) ?? head // a fast-forward makes none
    const reverted = await revertOf(spot, mr, commit)
    return {
      seen: { ...common, commit, reviews: [], isWhole: true, rebased: null, checks: [], unseen: null, reverted },
      problem: null,
    }
  }
  const now = Date.parse(came.headers['date'] ?? '') || came.at
  const [said, checks] = await Promise.all([reviewsOf(spot, mr.web_url, now), checksOf(spot, head, connection.account)])
  return {
    seen: {
      ...common,
      commit: null,
      reviews: said.seen,
      isWhole: said.isWhole,
      rebased: said.rebased,
      checks: checks.seen,
      unseen: checks.unseen,
      reverted: null,
    },
    problem: said.problem ?? checks.unseen,
    ...(said.againMillis === null ? {} : { againMillis: said.againMillis }),
  }
}

/** A commit on the branch it was merged into that says that it takes it back, as git and GitLab write it. */
const revertOf = async (spot: Spot, mr: Seen, merge: string): Promise<PullSeen['reverted']> => {
  const query = new URLSearchParams({
    ref_name: mr.target_branch ?? '',
    ...(mr.merged_at === null ? {} : { since: mr.merged_at }),
  })
  const { all } = await listed(spot.ask, `${spot.project}/repository/commits?${query}`, Commit)
  const commits = [...new Set([merge, mr.merge_commit_sha, mr.squash_commit_sha].filter((one) => one !== null))]
  const words = [`This reverts merge request !${mr.iid}`, ...commits.map((one) => `This reverts commit ${one}`)]
  const found = all.find((one) => !commits.includes(one.id) && takesBack(one.message ?? '', words))
  return found ? { commit: found.id, url: address(found.web_url) } : null
}
