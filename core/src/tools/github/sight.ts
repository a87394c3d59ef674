/**
 * How does a pull request stand at GitHub now: its state, its reviews, the checks of its head?
 * The whole is asked each time. It is believed only about the address that was read back when it was opened. https://docs.github.com/rest/pulls
 */
import { z } from 'zod'
import type { PullSeen } from '../../run/pull-seen.ts'
import { anotherThere, numberOf } from '../place.ts'
import { address, takesBack } from '../forge-sight.ts'
import type { Sees, Sight } from '../port.ts'
import { askerFor } from './ask.ts'
import { Pull, User } from './payload.ts'
import { nextPage } from './rest.ts'
import { checksSeen } from './seen-checks.ts'
import { reviewsSeen } from './seen-reviews.ts'
import { got, listed, whoOf, type Spot } from './seen-spot.ts'

const text = z.string().nullish()
const Seen = Pull.extend({
  merge_commit_sha: text,
  merged_by: User.nullish(),
  requested_reviewers: z.array(User.nullish()).nullish(),
})
const Closed = z.object({ closed_by: User.nullish() })
const Commit = z.object({ sha: z.string(), html_url: text, commit: z.object({ message: text }) })

export const sight: Sees = async ({ ref, url }, connection, outside): Promise<Sight> => {
  const named = /^([^#\s]{3,201})#([1-9]\d{0,9})$/.exec(ref)
  if (!named) throw new Error(`${ref} is no pull request of GitHub.`)
  const ask = askerFor(connection, outside)
  const spot: Spot = {
    ask,
    settings: connection.settings,
    repo: named[1]!,
    number: Number(named[2]),
    next: (came) => nextPage(came, connection.settings),
  }
  const pull = Seen.parse((await got(ask, `/repos/${spot.repo}/pulls/${spot.number}`)).body)
  if (url !== null && pull.html_url !== url)
    throw new Error(`GitHub shows ${pull.html_url ?? 'no address'} as ${ref}; it was opened at ${url}.`)
  const home = pull.base.repo?.id
  if (home !== undefined) {
    const there = { name: spot.repo, number: String(home) }
    const another = anotherThere(numberOf(connection.settings, spot.repo), there)
    if (another !== null) throw new Error(another)
  }
  const state = pull.merged_at !== null || pull.merged === true ? 'merged' : pull.state === 'closed' ? 'closed' : 'open'
  const by = pull.merged_by ?? (state === 'closed' ? await closerOf(spot) : null)
  const common = {
    ref,
    head: pull.head.sha,
    base: pull.base.ref,
    state,
    draft: pull.draft ?? false,
    by: by && whoOf(by),
  } as const
  if (state === 'merged')
    return {
      seen: {
        ...common,
        commit: pull.merge_commit_sha ?? null,
        reviews: [],
        isWhole: true,
        rebased: null,
        checks: [],
        unseen: null,
        reverted: await revertOf(spot, pull),
      },
      problem: null,
    }
  const asked = new Set((pull.requested_reviewers ?? []).flatMap((user) => (user ? [user.id] : [])))
  const [{ problem, ...said }, checks] = await Promise.all([reviewsSeen(spot, asked), checksSeen(spot, pull.head.sha)])
  return {
    seen: { ...common, commit: null, ...said, checks: checks.seen, unseen: checks.unseen, reverted: null },
    problem: checks.unseen ?? problem,
  }
}

/** A pull request does not say who closed it; the issue that it is, too, does. */
const closerOf = async ({ ask, repo, number }: Spot): Promise<z.infer<typeof User> | null> => {
  const came = await ask('GET', `/repos/${repo}/issues/${number}`)
  return Closed.safeParse(came.body).data?.closed_by ?? null
}

/** A commit on the branch it was merged into that says that it takes it back, as git and GitHub write it. */
const revertOf = async (spot: Spot, pull: z.infer<typeof Seen>): Promise<PullSeen['reverted']> => {
  const since = pull.merged_at === null ? '' : `&since=${encodeURIComponent(pull.merged_at)}`
  const path = `/repos/${spot.repo}/commits?sha=${encodeURIComponent(pull.base.ref)}${since}&per_page=100`
  const words = [
    `Reverts ${spot.repo}#${spot.number}`,
    ...(pull.merge_commit_sha ? [`This reverts commit ${pull.merge_commit_sha}`] : []),
  ]
  const found = (await listed(spot, path, Commit)).all.find(
    (one) => one.sha !== pull.merge_commit_sha && takesBack(one.commit.message ?? '', words),
  )
  return found ? { commit: found.sha, url: address(found.html_url) } : null
}
