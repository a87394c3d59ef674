/**
 * How is news found when GitHub cannot reach us?
 * Every repository is asked which issues and pull requests changed since the last time, and each of those what happened to it and what was said. What is found has
 * the form of a webhook and the same names, so that both at once start nothing twice. Answers that did not change cost nothing (ETag).
 */
import { z } from 'zod'
import { anotherThere, numberOf, type Place } from '@viewportai/core/tools/place'
import { TooLong } from '@viewportai/core/tools/outside'
import { polledBy, type Connection, type Poll, type Polled } from '../port.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { Aside, asideWords, Gone, Unread } from '../poll-aside.ts'
import { aheadOf, ClockThen, clockOf, markBy, moment, notAfter, thenOf } from '../poll-clock.ts'
import { roomOf, takeInTurn, type Reading, type TakenInTurn, type Tellable } from '../poll-take.ts'
import { shortName } from '../short-name.ts'
import { askerFor } from './ask.ts'
import { isRepoName, reposIn } from '@viewportai/core/tools/github/fields'
import { Repository } from '@viewportai/core/tools/github/payload'
import { Beside, besideOf } from './poll-beside.ts'
import { happenedTo, type Changed, type FoundEvent } from './poll-found.ts'
import { limitIn, messageIn, nextPage, type Ask, type Came } from '@viewportai/core/tools/github/rest'

const Cursor = z.object({
  /** What changed at or after this is asked for. */
  since: z.string(),
  /** Only what happened at or after this is news, when that is earlier: more had changed than is taken at once. */
  news: z.string().optional(),
  /** What changed at that very time and was told already: `acme/shop#12`. */
  done: z.array(z.string()).optional(),
  etags: z.record(z.string(), z.string()).default({}),
  /** The lists beside issues and pull requests. */
  beside: Beside.default({}),
  /** What could not be read and is read again. */
  aside: z.array(Aside).default([]),
  /** By which clock that was. */
  then: ClockThen.optional(),
})
type Cursor = z.infer<typeof Cursor>

const usualMillis = 30_000
/** GitHub's lists may lag behind by some seconds. */
const overlapMillis = 10_000
const thingsAtMost = 500
/** From then on the same change goes on. */
const moreMillis = 1_000
/** So long (ms) is asked for each part of a thing that could not be read whole. */
const partMillis = 10_000

export const poll: Poll = {
  streams: ({ settings }) => reposIn(settings),
  async ask(connection, repo, cursor, outside, listened = new Set()): Promise<Polled> {
    if (!isRepoName(repo)) throw new Error(`${repo} is not of the form owner/name`)
    const plainly = askerFor(connection, outside)
    const ask = limited(plainly)
    const about = await ask('GET', `/repos/${repo}`)
    const place = placeIn(about.body, repo)
    const another = anotherThere(numberOf(connection.settings, repo), place)
    if (another !== null) throw new Error(another)
    const clock = clockOf(about.headers['date'], outside.now())
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success)
      return {
        found: [],
        cursor: { since: new Date(clock.now).toISOString(), etags: {}, beside: {}, aside: [], then: thenOf(clock) },
        nextMillis: usualMillis,
        place,
        problem: clock.problem,
      }
    const held = placeBy(read.data, markBy(clock, read.data.then))
    const { since, news = since, done = [], aside } = held
    const room = roomOf(outside)
    const lost: string[] = []
    const lose = (what: string): void => void lost.push(what)
    // No more of it than is read: it goes with every event.
    const asked = {
      repository: Repository.parse({ full_name: repo, ...(about.body as object) }),
      repo,
      lost: lose,
    }
    const lists = await listsOf(ask, connection.settings, repo, held)
    const things = changedIn(repo, lists)
    const reading: Reading<Changed> = {
      async tell(one, from, inParts) {
        const parts = inParts ? { ask: () => limited(askerFor(connection, bounded(outside, partMillis))) } : null
        return (await happenedTo(ask, connection.settings, { ...asked, since: from, parts }, one)).map(tellable)
      },
      async again({ name, key }) {
        const [kind, number] = key.split('/')
        const isPull = kind === 'pulls'
        const path = isPull ? `/repos/${repo}/pulls/${number}` : `/repos/${repo}/issues/${number}`
        const { status, body } = await ask('GET', path)
        if (status !== 200) throw new Gone(`GitHub answered ${status}`)
        return { name, key, updatedAt: updatedAt(body), raw: body, isPull }
      },
    }
    const turn = await takeInTurn(
      things,
      { since, news, done, aside },
      { room, now: outside.now(), reading, lost: lose },
    )
    const around = await aroundOf(turn, held.beside, () =>
      besideOf((...question) => inPieces(plainly, ...question), {
        ...asked,
        since: news,
        beside: held.beside,
        settings: connection.settings,
        branch: listened.has('check_failed') ? branchIn(about.body) : null,
        now: clock.now,
        room,
        tellable,
      }),
    )
    const { beside } = around
    const from = placeAfter(lists, turn, { since, news, done }, clock.now)
    if (from.isSkipped) lose(`More than ${thingsAtMost} issues of ${repo} changed in one second; some were left out.`)
    if (lists.cut.includes('pulls') && !lists.cut.includes('issues'))
      lose(
        `More than ${thingsAtMost} pull requests of ${repo} changed between two looks: those before ${moment(lists.pulls.map(updatedAt).toSorted()[0] ?? since)} were not looked at.`,
      )
    return {
      found: [...turn.found, ...around.found],
      // A tag is of one question: another time asks another one.
      cursor: {
        ...from.cursor,
        etags: !from.isMore && from.cursor.since === since ? lists.etags : {},
        beside,
        aside: [...turn.aside],
        then: thenOf(clock),
      },
      nextMillis: from.isMore ? Math.max(moreMillis, pauseFor(about) - usualMillis) : pauseFor(about),
      place,
      problem:
        [clock.problem, aheadOf(things, clock.now), asideWords(turn.aside), ...around.left].filter(Boolean).join(' ') ||
        null,
      lost: [...lost, ...around.lost].join(' ') || null,
    }
  },
}

/** The place by the clock of now. A tag goes with the time that it was of. */
const placeBy = (place: Cursor, by: (mark: string) => string): Cursor => {
  const since = by(place.since)
  const isSame = since === place.since
  return {
    since,
    ...(place.news !== undefined && { news: by(place.news) }),
    ...(isSame && { done: place.done }),
    etags: isSame ? place.etags : {},
    beside: Object.fromEntries(
      Object.entries(place.beside).map(([name, list]) => {
        const mark = by(list.mark)
        return [name, mark === list.mark ? list : { mark, done: list.done }]
      }),
    ),
    aside: place.aside.map((one) => ({ ...one, news: by(one.news) })),
  }
}

type Around = {
  readonly found: readonly Polled['found'][number][]
  readonly beside: Beside
  readonly left: readonly string[]
  readonly lost: readonly string[]
}

/** What is beside, which waits for the next asking where it fails after issues were told or set aside: they are not to be told again and again, nor is all of their time to go by. */
const aroundOf = async (turn: TakenInTurn, beside: Beside, tell: () => Promise<Around>): Promise<Around> => {
  try {
    return await tell()
  } catch (error) {
    if (!turn.isCut && turn.found.length === 0 && turn.aside.length === 0) throw error
    return { found: [], beside, left: [`The rest of it waits: ${(error as Error).message}.`], lost: [] }
  }
}

type Next = Pick<Cursor, 'since' | 'news' | 'done'>

/** From where the next asking goes on. `isMore`: at once, there is more; `isSkipped`: not all of one second could be told. */
const placeAfter = (
  lists: Listed,
  turn: TakenInTurn,
  { since, news, done }: Required<Next>,
  now: number,
): { readonly cursor: Next; readonly isMore: boolean; readonly isSkipped: boolean } => {
  if (turn.isCut) {
    const until = turn.until === null ? since : notAfter(turn.until, now)
    // Of what changed a moment ago more may have happened since, within the same second.
    const isOver = Date.parse(until) < now - overlapMillis
    return { cursor: { since: until, news, done: isOver ? [...turn.done] : [] }, isMore: true, isSkipped: false }
  }
  const { newest } = lists
  if (lists.cut.includes('issues')) {
    // Where the list stopped the next asking goes on, whatever is newer elsewhere.
    const isSkipped = newest === null || newest <= since
    const next = isSkipped ? secondAfter(since) : newest
    return { cursor: { since: notAfter(next, now), news }, isMore: true, isSkipped }
  }
  const next = newest === null ? since : later(since, notAfter(newest, now))
  return {
    cursor: { since: next, ...(next === since && done.length > 0 ? { done } : {}) },
    isMore: false,
    isSkipped: false,
  }
}

/** The default branch, or null where GitHub does not say it. */
const branchIn = (body: unknown): string | null => {
  const { default_branch: branch } = (body ?? {}) as { default_branch?: unknown }
  return typeof branch === 'string' && branch !== '' ? branch : null
}

const placeIn = (body: unknown, repo: string): Place => {
  const { id } = (body ?? {}) as { id?: unknown }
  if (typeof id !== 'number') throw new Error(`GitHub does not say which repository ${repo} is`)
  return { name: repo, number: String(id) }
}

/** `newest`: of what the next asking goes on from; `cut`: which of them has more than was taken. */
type Listed = {
  readonly issues: unknown[]
  readonly pulls: unknown[]
  readonly newest: string | null
  readonly cut: readonly string[]
  readonly etags: Record<string, string>
}

/** What changed: pull requests among the issues stand for themselves. */
const changedIn = (repo: string, { issues, pulls }: Listed): Changed[] => {
  const named = (raw: unknown): string => `${repo}#${String((raw as { number?: unknown } | null)?.number)}`
  const of = (isPull: boolean) => (raw: unknown) => ({
    name: named(raw),
    key: `${isPull ? 'pulls' : 'issues'}/${String((raw as { number?: unknown } | null)?.number)}`,
    updatedAt: updatedAt(raw),
    raw,
    isPull,
  })
  return [...issues.filter((one) => !('pull_request' in (one as object))).map(of(false)), ...pulls.map(of(true))]
}

const listsOf = async (
  ask: Ask,
  settings: Connection['settings'],
  repo: string,
  { since, etags }: Cursor,
): Promise<Listed> => {
  const from = encodeURIComponent(since)
  const asked = {
    issues: `/repos/${repo}/issues?state=all&sort=updated&direction=asc&per_page=100&since=${from}`,
    pulls: `/repos/${repo}/pulls?state=all&sort=updated&direction=desc&per_page=100`,
  }
  const kept: Record<string, string> = {}
  const cut: string[] = []
  const list = async (name: keyof typeof asked): Promise<unknown[]> => {
    const first = await ask('GET', asked[name], { etag: etags[name] })
    const tag = first.headers['etag'] ?? (first.status === 304 ? etags[name] : undefined)
    if (tag !== undefined) kept[name] = tag
    if (first.status === 304) return []
    const all: unknown[] = Array.isArray(first.body) ? [...first.body] : []
    let came = first
    while (all.length < thingsAtMost) {
      const next = nextPage(came, settings)
      // Pull requests come newest first: beyond what is older than the last time there is no news.
      if (next === null || (name === 'pulls' && updatedAt(all.at(-1)) < since)) break
      came = await ask('GET', next)
      if (!Array.isArray(came.body) || came.body.length === 0) break
      all.push(...came.body)
    }
    if (nextPage(came, settings) !== null && !(name === 'pulls' && updatedAt(all.at(-1)) < since)) cut.push(name)
    return all.filter((one) => updatedAt(one) >= since)
  }
  const [issues, pulls] = await Promise.all([list('issues'), list('pulls')])
  // More issues than are taken at once: the next asking goes on where this one stopped, whatever is newer elsewhere.
  const times = (cut.includes('issues') ? issues : [...issues, ...pulls]).map(updatedAt).toSorted()
  return { issues, pulls, newest: times.at(-1) ?? null, cut, etags: kept }
}

const updatedAt = (one: unknown): string => {
  const at = (one as { updated_at?: unknown } | null)?.updated_at
  return typeof at === 'string' && Number.isFinite(Date.parse(at)) ? new Date(at).toISOString() : ''
}

const secondAfter = (since: string): string => new Date(Date.parse(since) + 1_000).toISOString()

/** Slightly before the newest thing that was seen, and never back. */
const later = (since: string, newest: string): string => {
  const from = new Date(Date.parse(newest) - overlapMillis).toISOString()
  return from > since ? from : since
}

/** `poll` before it: a webhook's id never looks like that. */
const tellable = ({ name, event, eventId, payload }: FoundEvent): Tellable => ({
  id: shortName(`${polledBy}${name}`, 190),
  headers: {
    'x-github-event': event,
    'content-type': 'application/json',
    ...(eventId === null ? {} : { 'viewport-event': eventId }),
  },
  payload,
})

/** An answer that is no list stops the whole: the cursor stays, and it is asked again later. */
const limited =
  (ask: Ask): Ask =>
  async (method, path, more) => {
    const came = await inPieces(ask, method, path, more)
    const pause = limitIn(came)
    if (pause !== null) throw new Error(`GitHub limits the rate for ${Math.ceil(pause / 1_000)} s`)
    if (came.status === 401) throw new Error('GitHub does not take the token any more (401): give it another one')
    const no = `GitHub answered ${came.status}${messageIn(came.body) ? `: ${messageIn(came.body)}` : ''}`
    if (came.status === 410) throw new Gone(no)
    if (came.status !== 200 && came.status !== 304 && came.status !== 404) throw new Unread(no)
    if (came.status === 404 && !path.includes('/events'))
      throw new Gone(
        `GitHub answered 404: ${isRepository(path) ? 'the repository' : 'it'} is not there, or may not be seen`,
      )
    return came
  }

const isRepository = (path: string): boolean => /^\/repos\/[^/]+\/[^/]+$/.test(path)

/** Of a list that is too long for one answer a fifth of the page is asked for, and of that a fifth; its next page is as small. */
const inPieces = async (ask: Ask, ...[method, path, more]: Parameters<Ask>): Promise<Came> => {
  try {
    return await ask(method, path, more)
  } catch (error) {
    const size = Number(/[?&]per_page=(\d+)/.exec(path)?.[1] ?? 0)
    if (!(error instanceof TooLong) || size < 5) throw error
    const smaller = path
      .replace(/([?&]per_page=)\d+/, `$1${Math.floor(size / 5)}`)
      .replace(/([?&]page=)(\d+)/, (_all, before: string, page: string) => `${before}${(Number(page) - 1) * 5 + 1}`)
    return inPieces(ask, method, smaller, more)
  }
}

/** Sooner than the limit's end no more is asked when little of it is left. */
const pauseFor = ({ headers }: Came): number => {
  const left = Number(headers['x-ratelimit-remaining'] ?? 5_000)
  const reset = Number(headers['x-ratelimit-reset'] ?? 0) * 1_000 - Date.now()
  return left < 200 && reset > usualMillis ? Math.min(reset, 900_000) : usualMillis
}
