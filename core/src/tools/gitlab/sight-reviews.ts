/**
 * What did people say of a merge request at GitLab, and who approves of which commit?
 * GitLab has no review as one thing: threads, a comment beside them, an approval and a request for changes are notes of one person
 * within a moment. An approval holds no commit: it is of what the merge request showed when it was given.
 */
import { z } from 'zod'
import type { PullSeen, ReviewSeen } from '../../run/pull-seen.ts'
import { address, commitIn, joined, short } from '../forge-sight.ts'
import { looksOurs } from '../hidden-marker.ts'
import { messageIn } from './ask.ts'
import { instant } from './instant.ts'
import { listed, whoOf, type Spot } from './sight-ask.ts'
import { Note, User } from './rest.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const line = maybe(z.int().positive())
const Said = Note.extend({
  resolvable: maybe(z.boolean()),
  resolved: maybe(z.boolean()),
  position: maybe(
    z.object({
      head_sha: maybe(z.string()),
      new_path: maybe(z.string()),
      old_path: maybe(z.string()),
      new_line: line,
      old_line: line,
    }),
  ),
})
type Said = z.infer<typeof Said>
type By = Said & { readonly author: User; readonly at: number }
const Version = z.object({ head_commit_sha: maybe(z.string()), created_at: z.string() })
const Approvals = z.object({ approved_by: z.array(z.object({ user: maybe(User) })) })

/** Notes of one person that are this near (ms) are of one review, and are told together. */
const momentMillis = 10_000
/** So long (ms) somebody who goes on writing is waited for. */
const patienceMillis = 120_000
/** So long (ms) after a push a page that is open may still show the version before. */
const glanceMillis = 30_000
/** An author's own slip of a second is no edit. */
const editedAfter = 2_000

/** What was said, oldest first. `now`: by GitLab's clock. `againMillis`: somebody may still be writing; look again in so long. */
export const reviewsOf = async (
  spot: Spot,
  page: string | null,
  now: number,
): Promise<
  { seen: ReviewSeen[]; problem: string | null; againMillis: number | null } & Pick<PullSeen, 'isWhole' | 'rebased'>
> => {
  const [{ all, isCut }, versions, approving] = await Promise.all([
    listed(spot.ask, `${spot.mr}/notes?sort=desc&order_by=created_at`, Said),
    listed(spot.ask, `${spot.mr}/versions`, Version),
    approversOf(spot),
  ])
  const notes = all
    .toReversed()
    .flatMap((one): By[] =>
      one.author === null ? [] : [{ ...one, author: one.author, at: instant(one.created_at) ?? now }],
    )
  const held = heldBack(notes, now)
  const settled = notes.filter((one) => !held.has(one.id))
  const near = (one: By, isSo: (other: By) => boolean): By[] =>
    settled.filter(
      (other) => other.author.id === one.author.id && Math.abs(other.at - one.at) <= momentMillis && isSo(other),
    )
  const shown = (one: By, over: Partial<ReviewSeen>): ReviewSeen => ({
    id: String(one.id),
    who: whoOf(one.author),
    verdict: 'comment',
    head: null,
    text: '',
    lines: [],
    url: page === null ? null : address(`${page}#note_${one.id}`),
    at: one.at,
    onChange: true,
    edited: isEdited(one),
    ours: looksOurs(one.body),
    ...over,
  })
  const verdictOf = (one: By, verdict: ReviewSeen['verdict'], head: string | null): ReviewSeen => {
    const beside = near(one, isPlain)
    return shown(one, {
      verdict,
      head,
      text: joined(
        beside.map(({ body }) => body),
        '\n\n',
        20_000,
      ),
      edited: beside.some(isEdited),
      ours: beside.some(({ body }) => looksOurs(body)),
    })
  }
  const seen = settled.flatMap((one): ReviewSeen[] => {
    if (isApproval(one)) {
      if (approving.ids === null) return []
      const stands = approving.ids.has(one.author.id) && isLastVote(one, notes)
      return [verdictOf(one, stands ? 'approve' : 'dismissed', headAt(versions.all, one.at))]
    }
    if (isRequest(one)) return [verdictOf(one, 'request_changes', null)]
    if (one.system || one.resolved) return []
    if (one.resolvable) return [shown(one, inThread(one))]
    // A comment in the conversation is not told, unless it is the summary of a review: then it is of the threads beside it.
    return near(one, isVerdict).length === 0 && near(one, isThread).length > 0
      ? [shown(one, { text: short(one.body, 20_000) })]
      : []
  })
  return {
    seen: seen.slice(-300),
    isWhole: true, // what is cut is older than all of it: nobody's last word
    rebased: all.reduce<number | null>(
      (last, one) => (isRetarget(one) ? Math.max(last ?? 0, instant(one.created_at) ?? now) : last),
      null,
    ),
    problem:
      approving.problem ?? (isCut ? 'GitLab has more than 300 notes on it: only the newest were looked at.' : null),
    againMillis: held.size > 0 ? momentMillis : null,
  }
}

/** What its author may still be adding to: what was written in the last moment, and a moment before that, for two minutes at most. */
const heldBack = (notes: readonly By[], now: number): Set<number> => {
  const held = new Set<number>()
  const since = new Map<number | null, number>()
  for (const one of notes.toReversed()) {
    const next = since.get(one.author.id) ?? now
    if (one.system || next - one.at >= momentMillis || now - one.at >= patienceMillis) continue
    held.add(one.id)
    since.set(one.author.id, one.at)
  }
  return held
}

/** Who approves now, or null when GitLab does not tell: then nobody's approval counts, and none is taken back. */
const approversOf = async ({ ask, mr }: Spot): Promise<{ ids: Set<number | null> | null; problem: string | null }> => {
  const came = await ask('GET', `${mr}/approvals`)
  const read = Approvals.safeParse(came.body)
  if (came.status === 200 && read.success)
    return { ids: new Set(read.data.approved_by.map((one) => one.user?.id ?? null)), problem: null }
  if (came.status !== 200 && came.status !== 403 && came.status !== 404)
    throw new Error(`GitLab answered ${came.status} about the approvals`)
  const said = messageIn(came.body)
  return {
    ids: null,
    problem: `GitLab does not show who approves (${came.status}${said ? `: ${said}` : ''}): approvals there are no votes.`,
  }
}

const isApproval = ({ system, body }: Said): boolean => system && body === 'approved this merge request'
const isWithdrawal = ({ system, body }: Said): boolean => system && body === 'unapproved this merge request'
const isRetarget = ({ system, body }: Said): boolean => system && body.startsWith('changed target branch from ')
const isRequest = ({ system, body }: Said): boolean => system && body === 'requested changes'
const isVerdict = (one: Said): boolean => isApproval(one) || isRequest(one)
const isThread = ({ system, resolvable }: Said): boolean => !system && resolvable === true
const isPlain = ({ system, resolvable }: Said): boolean => !system && resolvable !== true

const isLastVote = (one: By, notes: readonly By[]): boolean =>
  notes.findLast((other) => other.author.id === one.author.id && (isApproval(other) || isWithdrawal(other))) === one

/** What whoever gave it then had before them: the newest version that was there. Null right after a push: it may have been the one before. */
const headAt = (versions: readonly z.infer<typeof Version>[], at: number): string | null => {
  const [newest, older] = versions
    .map((one) => ({ head: commitIn(one.head_commit_sha), since: instant(one.created_at) ?? Infinity }))
    .filter(({ since }) => since <= at)
    .toSorted((a, b) => b.since - a.since)
  return newest && older && at - newest.since < glanceMillis ? null : (newest?.head ?? null)
}

/** GitLab also counts resolving as a change; what is resolved is not looked at. */
const isEdited = (one: By): boolean => !one.system && (instant(one.updated_at) ?? 0) > one.at + editedAfter

/** Where in the code it stands, or its words alone. */
const inThread = ({ body, position }: Said): Pick<ReviewSeen, 'head' | 'text' | 'lines'> => {
  const at = position?.new_line ?? position?.old_line ?? null
  const side = position?.new_line ? 'new' : 'old'
  const path = side === 'new' ? position?.new_path : position?.old_path
  const head = commitIn(position?.head_sha)
  return at === null || !path
    ? { head, text: short(path ? `${path}: ${body}` : body, 20_000), lines: [] }
    : { head, text: '', lines: [{ path: short(path, 4_096), line: at, side, text: short(body, 5_000) }] }
}
