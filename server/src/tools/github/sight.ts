/**
 * How does a pull request stand at GitHub now: its state, its reviews, the checks of its head?
 * The whole is asked each time. It is believed only about the address that was read back when it was opened. https://docs.github.com/rest/pulls
 */
import { z } from 'zod'
import type { CheckSeen, PullSeen, ReviewSeen } from '@viewportai/core/run/pull-seen'
import type { Sight, Tool } from '../port.ts'
import { askerFor } from './ask.ts'
import { address, commitIn, joined, notSeen, plainName, short, takesBack } from '../forge-sight.ts'
import { looksOurs } from '@viewportai/core/tools/hidden-marker'
import { Pull, User } from '@viewportai/core/tools/github/payload'
import { messageIn, nextPage, type Ask, type Came } from '@viewportai/core/tools/github/rest'
import { instant } from './said.ts'

const text = z.string().nullish()
const Seen = Pull.extend({ merge_commit_sha: text, merged_by: User.nullish() })
const Closed = z.object({ closed_by: User.nullish() })
const Review = z.object({
  id: z.number(),
  user: User.nullish(),
  body: text,
  state: z.string(),
  commit_id: text,
  html_url: text,
  submitted_at: text,
})
const LineComment = z.object({
  id: z.number(),
  pull_request_review_id: z.number().nullish(),
  body: text,
  path: text,
  side: text,
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  position: z.number().nullish(),
  created_at: text,
  updated_at: text,
})
const CheckRun = z.object({
  id: z.number(),
  name: z.string(),
  status: text,
  conclusion: text,
  html_url: text,
  external_id: text,
  app: z.object({ slug: text }).nullish(),
  output: z.object({ title: text, summary: text }).nullish(),
})
const Status = z.object({ context: z.string(), state: z.string(), target_url: text })
const Annotation = z.object({ path: text, start_line: z.number().nullish(), message: text })
const Commit = z.object({ sha: z.string(), html_url: text, commit: z.object({ message: text }) })

const pagesAtMost = 3
/** An author's own slip of a second is no edit. */
const editedAfter = 2_000

type Spot = {
  readonly ask: Ask
  readonly repo: string
  readonly number: number
  readonly next: (came: Came) => string | null
}

export const sight: NonNullable<Tool['sight']> = async ({ ref, url }, connection, outside): Promise<Sight> => {
  const named = /^([^#\s]{3,201})#([1-9]\d{0,9})$/.exec(ref)
  if (!named) throw new Error(`${ref} is no pull request of GitHub.`)
  const ask = askerFor(connection, outside)
  const spot: Spot = {
    ask,
    repo: named[1]!,
    number: Number(named[2]),
    next: (came) => nextPage(came, connection.settings),
  }
  const pull = Seen.parse((await got(ask, `/repos/${spot.repo}/pulls/${spot.number}`)).body)
  if (url !== null && pull.html_url !== url)
    throw new Error(`GitHub shows ${pull.html_url ?? 'no address'} as ${ref}; it was opened at ${url}.`)
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
        checks: [],
        reverted: await revertOf(spot, pull),
      },
      problem: null,
    }
  const [reviews, checks] = await Promise.all([reviewsOf(spot), checksOf(spot, pull.head.sha)])
  return { seen: { ...common, commit: null, reviews, checks: checks.seen, reverted: null }, problem: checks.problem }
}

/** A pull request does not say who closed it; the issue that it is, too, does. */
const closerOf = async ({ ask, repo, number }: Spot): Promise<User | null> => {
  const came = await ask('GET', `/repos/${repo}/issues/${number}`)
  return Closed.safeParse(came.body).data?.closed_by ?? null
}

/** Who it was by the number of the account; who of us that is, is decided outside. */
const whoOf = ({ id, login }: User): ReviewSeen['who'] => ({ account: String(id), name: `@${login}`, person: null })

const got = async (ask: Ask, path: string): Promise<Came> => {
  const came = await ask('GET', path)
  if (came.status === 200) return came
  const said = messageIn(came.body)
  throw new Error(`GitHub answered ${came.status}${said ? `: ${said}` : ''}`)
}

const listed = async <T extends z.ZodType>(spot: Spot, path: string, of: T): Promise<z.infer<T>[]> => {
  const all: z.infer<T>[] = []
  let next: string | null = path
  for (let n = 0; next !== null && n < pagesAtMost; n++) {
    const came: Came = await got(spot.ask, next)
    all.push(...(Array.isArray(came.body) ? came.body : []).map((one) => of.parse(one)))
    next = spot.next(came)
  }
  return all
}

const verdicts: Readonly<Record<string, ReviewSeen['verdict']>> = {
  APPROVED: 'approve',
  CHANGES_REQUESTED: 'request_changes',
  COMMENTED: 'comment',
  DISMISSED: 'dismissed',
}

const reviewsOf = async (spot: Spot): Promise<ReviewSeen[]> => {
  const at = `/repos/${spot.repo}/pulls/${spot.number}`
  const [reviews, comments] = await Promise.all([
    listed(spot, `${at}/reviews?per_page=100`, Review),
    listed(spot, `${at}/comments?per_page=100`, LineComment),
  ])
  return reviews.flatMap((one): ReviewSeen[] => {
    const verdict = verdicts[one.state]
    const when = instant(one.submitted_at ?? null)
    if (verdict === undefined || when === null || !one.user) return [] // not sent yet, or of an account that is gone
    const own = comments.filter((comment) => comment.pull_request_review_id === one.id)
    const [placed, loose] = [
      own.filter((comment) => lineOf(comment) !== null),
      own.filter((comment) => lineOf(comment) === null),
    ]
    const said = [one.body ?? '', ...loose.map((comment) => `${comment.path ?? ''}: ${comment.body ?? ''}`)]
    return [
      {
        id: String(one.id),
        who: whoOf(one.user),
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
        edited: own.some(
          (comment) =>
            (instant(comment.updated_at ?? null) ?? 0) > (instant(comment.created_at ?? null) ?? 0) + editedAfter,
        ),
        ours: [one.body, ...own.map((comment) => comment.body)].some((body) => looksOurs(body ?? null)),
      },
    ]
  })
}

const lineOf = ({ path, line, original_line: original, position }: z.infer<typeof LineComment>): number | null => {
  const at = line ?? original ?? position ?? 0
  return path && Number.isInteger(at) && at > 0 ? at : null
}

const bad = new Set(['failure', 'timed_out', 'startup_failure', 'cancelled', 'action_required', 'error'])
/** Its own words are taken of the repository's own CI alone; what another app says of a check is text of nobody here. */
const ownCi = 'github-actions'

const checksOf = async (spot: Spot, head: string): Promise<{ seen: CheckSeen[]; problem: string | null }> => {
  const at = `/repos/${spot.repo}/commits/${head}`
  const [runs, statuses] = await Promise.all([
    spot.ask('GET', `${at}/check-runs?per_page=100`),
    spot.ask('GET', `${at}/status?per_page=100`),
  ])
  const refused = [runs, statuses].find((came) => came.status !== 200 && came.status !== 404)
  if (refused && refused.status !== 403) throw new Error(`GitHub answered ${refused.status} about the checks`)
  const listing = z
    .object({ total_count: z.number().optional(), check_runs: z.array(CheckRun) })
    .safeParse(runs.body).data
  const ran = listing?.check_runs ?? []
  const unseen = Math.max(0, (listing?.total_count ?? 0) - ran.length)
  const told = z.object({ statuses: z.array(Status) }).safeParse(statuses.body).data?.statuses ?? []
  const ofRuns = await Promise.all(
    ran
      .filter((one) => !/^int_[0-9a-z]{1,60}-\d{1,9}$/.test(one.external_id ?? '')) // one that Viewport itself reported
      .slice(0, 200)
      .map((one) => checkOf(spot, one)),
  )
  const ofStatuses = told.slice(0, 100).map(({ context, state, target_url: url }): CheckSeen => ({
    name: plainName(context),
    state: state === 'pending' ? 'running' : bad.has(state) ? 'failed' : 'passed',
    conclusion: short(state, 80),
    url: address(url),
    text: '',
  }))
  return {
    // What was not looked at has not passed.
    seen: [...ofRuns, ...ofStatuses, ...notSeen(unseen)],
    problem: refused
      ? `GitHub does not show the checks (403${messageIn(refused.body) ? `: ${messageIn(refused.body)}` : ''}): the connection needs to read checks and commit statuses.`
      : null,
  }
}

const checkOf = async (spot: Spot, one: z.infer<typeof CheckRun>): Promise<CheckSeen> => {
  const state = one.status !== 'completed' ? 'running' : bad.has(one.conclusion ?? '') ? 'failed' : 'passed'
  const words =
    state === 'failed' && one.app?.slug === ownCi
      ? [one.output?.title, one.output?.summary, ...(await annotationsOf(spot, one.id))]
      : []
  return {
    name: one.app?.slug === ownCi ? short(one.name, 300) : plainName(one.name),
    state,
    conclusion: short(one.conclusion ?? '', 80),
    url: address(one.html_url),
    text: joined(words, '\n', 4_000),
  }
}

/** Where it failed, as far as the check says it. */
const annotationsOf = async ({ ask, repo }: Spot, check: number): Promise<string[]> => {
  const came = await ask('GET', `/repos/${repo}/check-runs/${check}/annotations?per_page=20`)
  const read = z.array(Annotation).safeParse(came.body)
  return came.status === 200 && read.success
    ? read.data.map(({ path, start_line: line, message }) => `${path ?? ''}:${line ?? 0} ${message ?? ''}`)
    : []
}

/** A commit on the branch it was merged into that says that it takes it back, as git and GitHub write it. */
const revertOf = async (spot: Spot, pull: z.infer<typeof Seen>): Promise<PullSeen['reverted']> => {
  const since = pull.merged_at === null ? '' : `&since=${encodeURIComponent(pull.merged_at)}`
  const path = `/repos/${spot.repo}/commits?sha=${encodeURIComponent(pull.base.ref)}${since}&per_page=100`
  const words = [
    `Reverts ${spot.repo}#${spot.number}`,
    ...(pull.merge_commit_sha ? [`This reverts commit ${pull.merge_commit_sha}`] : []),
  ]
  const found = (await listed(spot, path, Commit)).find(
    (one) => one.sha !== pull.merge_commit_sha && takesBack(one.commit.message ?? '', words),
  )
  return found ? { commit: found.sha, url: address(found.html_url) } : null
}
