/**
 * What was said of a pull request at GitHub in its reviews, and by whom?
 * A review and the comments of its lines are one. Whoever may write to the repository may change the words of everybody: only GitHub's history of edits
 * tells, which is asked after the words were read, so that no edit of what was read is missed.
 */
import { z } from 'zod'
import type { PullSeen, ReviewSeen } from '../../run/pull-seen.ts'
import { address, commitIn, joined, short } from '../forge-sight.ts'
import { looksOurs } from '../hidden-marker.ts'
import { User } from './payload.ts'
import { pullHistory } from './pull-history.ts'
import { instant } from './instant.ts'
import { listed, whoOf, type Spot } from './seen-spot.ts'

const text = z.string().nullish()
const Review = z.object({
  id: z.number(),
  node_id: text,
  user: User.nullish(),
  body: text,
  state: z.string(),
  commit_id: text,
  html_url: text,
  submitted_at: text,
})
const LineComment = z.object({
  id: z.number(),
  node_id: text,
  pull_request_review_id: z.number().nullish(),
  user: User.nullish(),
  body: text,
  path: text,
  side: text,
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  position: z.number().nullish(),
})
type Review = z.infer<typeof Review>
type LineComment = z.infer<typeof LineComment>

const verdicts: Readonly<Record<string, ReviewSeen['verdict']>> = {
  APPROVED: 'approve',
  CHANGES_REQUESTED: 'request_changes',
  COMMENTED: 'comment',
  DISMISSED: 'dismissed',
}
/** Anybody may review where everybody may read: a flood of reviews must not push out the last word of a person. */
const pagesAtMost = 10
const reviewsAtMost = 300

type Said = Pick<PullSeen, 'reviews' | 'isWhole' | 'rebased'> & { readonly problem: string | null }

/** `asked`: numbers of the accounts whose review is asked for now. Whoever reviews is not among them any more: an approval of theirs is from before they were asked again. */
export const reviewsSeen = async (spot: Spot, asked: ReadonlySet<number> = new Set()): Promise<Said> => {
  const at = `/repos/${spot.repo}/pulls/${spot.number}`
  const [{ all, isWhole }, comments] = await Promise.all([
    listed(spot, `${at}/reviews?per_page=100`, Review, pagesAtMost),
    listed(spot, `${at}/comments?per_page=100`, LineComment, pagesAtMost),
  ])
  const sent = all.flatMap((one) => {
    const verdict = verdicts[one.state]
    const when = instant(one.submitted_at ?? null)
    // Not sent yet, or of an account that is gone.
    if (verdict === undefined || when === null || !one.user) return []
    const isOvertaken = verdict === 'approve' && asked.has(one.user.id)
    return [{ ...one, verdict: isOvertaken ? ('dismissed' as const) : verdict, when, user: one.user }]
  })
  const kept = sent.slice(-reviewsAtMost) // GitHub lists the oldest first: what is cut is nobody's last word
  const ownOf = (one: Review): LineComment[] =>
    comments.all.filter((comment) => comment.pull_request_review_id === one.id)
  const nodes = kept.flatMap((one) => wordsOf(one, ownOf(one)).flatMap(({ node_id: node }) => (node ? [node] : [])))
  if (kept.length === 0) return { reviews: [], isWhole, rebased: null, problem: null } // nobody said anything that could have been edited
  const history = await pullHistory(spot, nodes)
  const reviews = kept.map(({ verdict, when, user, ...one }): ReviewSeen => {
    const own = ownOf(one)
    const placed = own.filter((comment) => lineOf(comment) !== null)
    const loose = own.filter((comment) => lineOf(comment) === null)
    const said = [one.body ?? '', ...loose.map((comment) => `${comment.path ?? ''}: ${comment.body ?? ''}`)]
    return {
      id: String(one.id),
      who: whoOf(user),
      verdict,
      head: commitIn(one.commit_id),
      text: joined(said, '\n\n', 20_000),
      lines: placed.slice(0, 200).map((comment) => ({
        path: short(comment.path ?? '', 4_096),
        line: lineOf(comment)!,
        side: comment.side === 'LEFT' ? ('old' as const) : ('new' as const),
        text: short(comment.body ?? '', 5_000),
      })),
      url: address(one.html_url),
      at: when,
      onChange: own.length > 0,
      edited:
        own.some((comment) => comment.user?.id !== user.id) ||
        wordsOf(one, own).some(({ node_id: node }) => !history.isOnlyBy(node ?? null, user.id)),
      ours: [one.body, ...own.map((comment) => comment.body)].some((body) => looksOurs(body ?? null)),
    }
  })
  return {
    reviews,
    isWhole,
    rebased: history.rebased,
    problem: history.problem,
  }
}

/** What of it holds words. */
const wordsOf = (review: Review, own: readonly LineComment[]): Pick<Review, 'node_id'>[] => [
  ...((review.body ?? '').trim() === '' ? [] : [review]),
  ...own,
]

const lineOf = ({ path, line, original_line: original, position }: LineComment): number | null => {
  const at = line ?? original ?? position ?? 0
  return path && Number.isInteger(at) && at > 0 ? at : null
}
