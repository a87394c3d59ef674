/**
 * What happened in a repository beside its issues and pull requests: failed runs of its workflows, pushes, releases?
 * Each list is asked for with its tag, so that one that did not change costs nothing; each has a mark of its own up to which it was told. A list
 * that may not be seen is left out, with a sentence.
 */
import { z } from 'zod'
import { messageIn, type Ask, type Came } from '@viewportai/core/tools/github/rest'
import { namesOf } from '../paths-field.ts'
import { moment } from '../poll-clock.ts'
import type { Room, Tellable } from '../poll-take.ts'
import type { Polled } from '../port.ts'
import { checkLists } from './poll-checks.ts'
import { answered, restOf, type List } from './poll-pages.ts'
import type { FoundEvent } from './poll-found.ts'

/** Until when a list was told (ISO), and its tag. `done`: what was told of the last moments before, where more of them waits: when, and its id. */
export const Beside = z.record(
  z.string(),
  z.object({ mark: z.string(), etag: z.string().optional(), done: z.array(z.string()).optional() }),
)
export type Beside = z.infer<typeof Beside>

type Asked = {
  readonly repository: unknown
  readonly repo: string
  readonly since: string
  readonly beside: Beside
  readonly settings: Readonly<Record<string, string>>
  /** At whose newest commit checks of other Apps and statuses are asked for; null: nobody listens to them. */
  readonly branch: string | null
  /** The time (ms): nothing is told to have happened later. */
  readonly now: number
  readonly room: Room
  tellable(event: FoundEvent): Tellable
}
/** `left`: lists that may not be seen, a sentence each; `lost`: what was there and is not told, a sentence each. */
type Told = {
  readonly found: Polled['found'][number][]
  readonly beside: Beside
  readonly left: readonly string[]
  readonly lost: readonly string[]
}

/** GitHub's lists may lag behind by some seconds. */
const overlapMillis = 10_000
/** Each push costs two questions. */
const pushesAtMost = 20
/** A run that began so long (ms) before the mark may end after it; one that takes longer is found while fewer than 100 began since. */
const longRunMillis = 3_600_000
const failing = new Set(['failure', 'timed_out', 'startup_failure'])

const User = z.looseObject({ id: z.number(), login: z.string() })
const Run = z.looseObject({
  id: z.number(),
  run_attempt: z.number().nullish(),
  conclusion: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string(),
  triggering_actor: z.unknown().optional(),
  actor: z.unknown().optional(),
})
const Release = z.looseObject({
  id: z.number(),
  published_at: z.string().nullish(),
  draft: z.boolean().nullish(),
  author: z.unknown().optional(),
})
const Activity = z.looseObject({
  id: z.number(),
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  timestamp: z.string(),
  activity_type: z.string(),
  actor: User.nullish(),
})
/** GitHub tells no more files of a comparison: https://docs.github.com/en/rest/commits/commits#compare-two-commits */
const comparedAtMost = 300
const Compared = z.looseObject({
  html_url: z.string().nullish(),
  commits: z.array(
    z.looseObject({
      sha: z.string(),
      commit: z.looseObject({
        message: z.string().nullish(),
        author: z.looseObject({ name: z.string().nullish(), date: z.string().nullish() }).nullish(),
      }),
      author: z.looseObject({ login: z.string() }).nullish(),
    }),
  ),
  files: z.array(z.looseObject({ filename: z.string(), previous_filename: z.string().nullish() })).nullish(),
})

/** What is new since the marks. `since`: from when on, where there is no mark yet. */
export const besideOf = async (
  ask: Ask,
  { repository, repo, since, beside, settings, branch, now, room, tellable }: Asked,
): Promise<Told> => {
  const owner = repo.split('/')[0]!
  const lists: List[] = [
    {
      name: 'runs',
      called: 'runs of workflows (Actions: read)',
      things: 'runs of workflows that ended',
      ask: (etag) => ask('GET', `/repos/${repo}/actions/runs?status=completed&per_page=100`, { etag }),
      rows: (body) => rowsIn((body as { workflow_runs?: unknown } | null)?.workflow_runs),
      at: (row) => Run.safeParse(row).data?.updated_at ?? null,
      placed: (row) => {
        const read = Run.safeParse(row).data
        return Date.parse(read?.created_at ?? read?.updated_at ?? '') + longRunMillis
      },
      async tell(row) {
        const { id, run_attempt: attempt, conclusion, actor, triggering_actor: sender = actor } = Run.parse(row)
        if (!failing.has(conclusion ?? '')) return []
        return [
          event(`workflow_run:${id}:${attempt ?? 1}`, 'workflow_run', {
            action: 'completed',
            workflow_run: row,
            sender,
          }),
        ]
      },
    },
    {
      name: 'releases',
      called: 'releases (Contents: read)',
      things: 'releases',
      ask: (etag) => ask('GET', `/repos/${repo}/releases?per_page=20`, { etag }),
      rows: rowsIn,
      at: (row) => Release.safeParse(row).data?.published_at ?? null,
      async tell(row) {
        const { id, draft, author: sender } = Release.parse(row)
        return draft ? [] : [event(`release:${id}`, 'release', { action: 'published', release: row, sender })]
      },
    },
    {
      name: 'pushes',
      called: 'pushes (Contents: read)',
      things: 'pushes',
      ask: (etag) => ask('GET', `/repos/${repo}/activity?per_page=100`, { etag }),
      rows: rowsIn,
      at: (row) => Activity.safeParse(row).data?.timestamp ?? null,
      async tell(row) {
        const pushed = Activity.parse(row)
        // A branch that is made or taken away moves no commit that was there.
        if (!['push', 'force_push', 'pr_merge', 'merge_queue_merge'].includes(pushed.activity_type)) return []
        const branch = pushed.ref.replace(/^refs\/heads\//, '')
        const [compared, pulls] = await Promise.all([
          ask('GET', `/repos/${repo}/compare/${pushed.before}...${pushed.after}?per_page=100`),
          ask('GET', `/repos/${repo}/pulls?state=open&per_page=10&head=${encodeURIComponent(`${owner}:${branch}`)}`),
        ])
        // A commit that a later push threw away cannot be compared any more.
        answered(compared, 'what a push holds', [404])
        answered(pulls, 'the pull requests of a branch')
        return [pushOf(pushed, compared), ...rowsIn(pulls.body).flatMap((pull) => movedTo(pushed, pull))]
      },
    },
  ]
  const event = (name: string, kind: string, payload: Record<string, unknown>): FoundEvent => ({
    name,
    event: kind,
    eventId: null,
    payload: { repository, ...payload },
  })
  if (branch !== null) lists.push(...checkLists(ask, repo, branch, (name, kind, payload) => event(name, kind, payload)))
  const pushOf = (pushed: z.infer<typeof Activity>, compared: Came): FoundEvent => {
    const { ref, before, after, actor: sender = null, activity_type: how } = pushed
    const read = Compared.safeParse(compared.body)
    const { html_url: compare = null, commits = [], files = [] } = read.success ? read.data : {}
    const told = commits.map(({ sha: id, commit, author }, at) => ({
      id,
      message: commit.message ?? '',
      timestamp: pushed.timestamp,
      author: { name: commit.author?.name ?? null, username: author?.login ?? null },
      // Which commit touched which file is not told; of the whole push it is.
      modified:
        at === commits.length - 1
          ? (files ?? []).flatMap((file) => namesOf(file, 'filename', 'previous_filename'))
          : [],
    }))
    const payload = {
      repository: { ...(repository as object), pushed_at: pushed.timestamp },
      ref,
      before,
      after,
      forced: how === 'force_push',
      deleted: false,
      compare,
      // Files hang on the commits that are told: where there is none, or the list of files is full, not all are known.
      files_known: read.success && (files ?? []).length < comparedAtMost && (told.length > 0 || !files?.length),
      commits: told,
      sender,
    }
    return event(`push:${repo}:${ref}:${after}:${before.slice(0, 12)}`, 'push', payload)
  }
  const movedTo = (
    { after, timestamp, actor: sender = null }: z.infer<typeof Activity>,
    pull: unknown,
  ): FoundEvent[] => {
    const { number, head } = pull as { number?: unknown; head?: { sha?: unknown } }
    // It has moved on since: that is told by a later push.
    if (typeof number !== 'number' || head?.sha !== after) return []
    const moved = { ...(pull as object), updated_at: timestamp }
    return [
      event(`pull_request.synchronize:${repo}#${number}:${after}`, 'pull_request', {
        action: 'synchronize',
        number,
        pull_request: moved,
        sender,
      }),
    ]
  }
  const told = await Promise.all(
    lists.map((list) =>
      oneOf({ ask, settings, repo, now, room, tellable }, list, beside[list.name] ?? { mark: since }),
    ),
  )
  return {
    found: told.flatMap((one) => one.found),
    beside: Object.fromEntries(lists.map(({ name }, at) => [name, told[at]!.next])),
    left: told.flatMap((one) => (one.why === null ? [] : [one.why])),
    lost: told.flatMap((one) => one.lost),
  }
}

type OneTold = {
  readonly found: Polled['found'][number][]
  readonly next: Beside[string]
  readonly why: string | null
  readonly lost: readonly string[]
}
type At = Pick<Asked, 'settings' | 'repo' | 'now' | 'room' | 'tellable'> & { readonly ask: Ask }

const oneOf = async (at: At, list: List, now: Beside[string]): Promise<OneTold> => {
  const first = answered(await list.ask(now.etag), list.called, [304, 403, 404])
  const nothing = { found: [], next: now, why: null, lost: [] }
  // An older server, or one without Actions, does not know the list.
  if (first.status === 304 || first.status === 404) return nothing
  if (first.status === 403)
    return { ...nothing, why: `Its ${list.called} may not be seen: ${messageIn(first.body) || 'GitHub answered 403'}.` }
  const from = Date.parse(now.mark) - overlapMillis
  const happened = (row: unknown): number => Date.parse(list.at(row) ?? '')
  const placed = list.placed ?? happened
  const { rows, isCut } = await restOf({ ...at, first, called: list.called }, list.rows, (row) => placed(row) < from)
  const known = new Set(now.done)
  const some = rows
    .map((row) => ({ row, at: happened(row) }))
    .filter((one) => one.at >= from)
    .map((one) => ({ ...one, name: `${new Date(one.at).toISOString()} ${String((one.row as { id?: unknown }).id)}` }))
    .toSorted((a, b) => a.at - b.at)
  const waiting = some.filter((one) => !known.has(one.name))
  const lost: string[] = []
  const found: Polled['found'][number][] = []
  const taken: typeof waiting = []
  for (const one of list.name === 'pushes' ? waiting.slice(0, pushesAtMost) : waiting) {
    if (taken.length > 0 && !at.room.isLeft()) break
    const events = (await list.tell(one.row)).map(at.tellable)
    const kept = at.room.keep(events, `${list.things} of ${at.repo}`, (what) => lost.push(what))
    if (kept === null) break
    found.push(...kept)
    taken.push(one)
  }
  const newest = Math.min(taken.at(-1)?.at ?? -Infinity, at.now)
  const mark = newest > Date.parse(now.mark) ? new Date(newest).toISOString() : now.mark
  const isShort = taken.length < waiting.length
  // What was left out is asked for again, so the tag is not kept.
  const etag = isShort ? undefined : first.headers['etag']
  const since = new Date(Date.parse(mark) - overlapMillis).toISOString()
  const done = isShort ? [...known, ...taken.map((one) => one.name)].filter((name) => name >= since) : []
  if (isCut)
    lost.push(
      `More than ${rows.length} ${list.things} of ${at.repo} came between two looks: those between ${moment(now.mark)} and ${moment(new Date(some[0]?.at ?? from).toISOString())} were not looked at.`,
    )
  const next = { mark, ...(etag === undefined ? {} : { etag }), ...(done.length === 0 ? {} : { done }) }
  return { found, next, why: null, lost }
}

const rowsIn = (body: unknown): unknown[] => (Array.isArray(body) ? (body as unknown[]) : [])
