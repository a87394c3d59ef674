/**
 * How is news found when GitLab cannot reach us?
 * Every project is asked which issues and merge requests changed and which pipelines failed since the last time, and each of those what happened to it. What is found has
 * the form of a webhook and the same names, so that both at once start nothing twice.
 */
import { z } from 'zod'
import { anotherThere, numberOf } from '@viewportai/core/tools/place'
import { bounded } from '@viewportai/core/tools/bounded'
import { Aside, asideWords, Gone, Unread } from '../poll-aside.ts'
import { aheadOf, ClockThen, clockOf, markBy, notAfter, thenOf } from '../poll-clock.ts'
import { roomOf, takeInTurn, type Reading, type Tellable } from '../poll-take.ts'
import { shortName } from '../short-name.ts'
import { partHeader, type Poll, type Polled, polledBy } from '../port.ts'
import {
  askerFor,
  limitIn,
  messageIn,
  nextPage,
  projectPath,
  type Ask,
  type Came,
} from '@viewportai/core/tools/gitlab/ask'
import { isProjectName, projectsIn } from '@viewportai/core/tools/gitlab/fields'
import { happenedTo, type Happened } from './poll-found.ts'
import { Project } from './told.ts'

const Cursor = z.object({
  /** What changed at or after this is asked for. */
  since: z.iso.datetime(),
  /** Only what happened at or after this is news, when that is earlier: more had changed than is taken at once. */
  news: z.iso.datetime().optional(),
  /** What changed at that very time and was told already: `acme/shop!12`. */
  done: z.array(z.string()).optional(),
  /** What could not be read and is read again. */
  aside: z.array(Aside).default([]),
  /** By which clock that was. */
  then: ClockThen.optional(),
})
const usualMillis = 30_000
/** GitLab's lists may lag behind by some seconds. */
const overlapMillis = 10_000
/** From then on the same change goes on. */
const moreMillis = 1_000
/** So long (ms) is asked for each part of a thing that could not be read whole. */
const partMillis = 10_000
const pagesAtMost = 5
const kinds = ['issues', 'merge_requests', 'pipelines'] as const

export const poll: Poll = {
  streams: ({ settings }) => projectsIn(settings),
  async ask(connection, stream, cursor, outside): Promise<Polled> {
    if (!isProjectName(stream)) throw new Error(`${stream} is not of the form group/name`)
    const ask = careful(askerFor(connection, outside))
    const about = await ask('GET', projectPath(stream))
    const project = Project.parse(about.body)
    const place = { name: stream, number: String(project.id) }
    const another = anotherThere(numberOf(connection.settings, stream), place)
    if (another !== null) throw new Error(another)
    const clock = clockOf(about.headers['date'], outside.now())
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success)
      return {
        found: [],
        cursor: { since: new Date(clock.now).toISOString(), aside: [], then: thenOf(clock) },
        nextMillis: usualMillis,
        place,
        problem: clock.problem,
      }
    const by = markBy(clock, read.data.then)
    const since = by(read.data.since)
    const news = by(read.data.news ?? read.data.since)
    const done = since === read.data.since ? (read.data.done ?? []) : []
    const aside = read.data.aside.map((one) => ({ ...one, news: by(one.news) }))
    const lists = await Promise.all(kinds.map((kind) => changedIn(ask, project.id, kind, since)))
    const lost: string[] = []
    const lose = (what: string): void => void lost.push(what)
    const things = lists.flatMap((list, at) => list.things.map((raw) => changedOf(stream, kinds[at]!, raw)))
    const reading: Reading<Thing> = {
      async tell({ kind, raw }, from, inParts) {
        const parts = inParts ? { ask: () => careful(askerFor(connection, bounded(outside, partMillis))) } : null
        const happened = await happenedTo(ask, { project, kind, from: Date.parse(from), lost: lose, parts }, raw)
        return happened.toSorted((a, b) => a.at - b.at).map(tellable)
      },
      async again({ key }) {
        const came = await ask('GET', `/projects/${project.id}/${key}`)
        return changedOf(
          stream,
          kinds.find((kind) => key.startsWith(`${kind}/`))!,
          came.body,
        )
      },
    }
    const room = roomOf(outside)
    const turn = await takeInTurn(
      things,
      { since, news, done, aside },
      { room, now: outside.now(), reading, lost: lose },
    )
    const more = { aside: [...turn.aside], then: thenOf(clock) }
    const shared = {
      found: turn.found,
      place,
      problem: [clock.problem, aheadOf(things, clock.now), asideWords(turn.aside)].filter(Boolean).join(' ') || null,
    }
    const told = (): string | null => lost.join(' ') || null
    if (turn.isCut) {
      const until = notAfter(turn.until ?? since, clock.now)
      // Of what changed a moment ago more may have happened since, at the same time.
      const isOver = Date.parse(until) < clock.now - overlapMillis
      const place = { since: until, news, done: isOver ? [...turn.done] : [], ...more }
      return { ...shared, cursor: place, nextMillis: moreMillis, lost: told() }
    }
    const cut = lists.filter((list) => list.isCut)
    if (cut.length > 0) {
      // Where a list stopped the next asking goes on, whatever is newer in another one.
      const until = notAfter(cut.map((list) => updatedAt(list.things.at(-1))).toSorted()[0]!, clock.now)
      if (until > since)
        return { ...shared, cursor: { since: until, news, ...more }, nextMillis: moreMillis, lost: told() }
      lose(`More than ${pagesAtMost * 100} things of ${stream} changed in one second; some were left out.`)
      const next = new Date(Date.parse(since) + 1_000).toISOString()
      return { ...shared, cursor: { since: next, news, ...more }, nextMillis: moreMillis, lost: told() }
    }
    const newest = things
      .map((one) => one.updatedAt)
      .toSorted()
      .at(-1)
    const next = newest === undefined ? since : later(since, notAfter(newest, clock.now))
    return {
      ...shared,
      cursor: { since: next, ...(next === since && done.length > 0 ? { done } : {}), ...more },
      nextMillis: usualMillis,
      lost: told(),
    }
  },
}

type Kind = (typeof kinds)[number]
type Thing = {
  readonly name: string
  readonly key: string
  readonly updatedAt: string
  readonly kind: Kind
  readonly raw: unknown
}

const changedOf = (stream: string, kind: Kind, raw: unknown): Thing => {
  const { iid, id } = (raw ?? {}) as { iid?: unknown; id?: unknown }
  const name = kind === 'pipelines' ? ` pipeline ${String(id)}` : `${kind === 'issues' ? '#' : '!'}${String(iid)}`
  const key = `${kind}/${String(kind === 'pipelines' ? id : iid)}`
  return { name: `${stream}${name}`, key, updatedAt: updatedAt(raw), kind, raw }
}

type Changed = { readonly things: unknown[]; readonly isCut: boolean }

const changedIn = async (ask: Ask, project: number, kind: Kind, since: string): Promise<Changed> => {
  const query = new URLSearchParams({
    order_by: 'updated_at',
    sort: 'asc',
    updated_after: since,
    per_page: '100',
    ...(kind === 'pipelines' ? { status: 'failed' } : { scope: 'all', state: 'all' }),
  })
  const things: unknown[] = []
  let page: string | null = '1'
  for (let asked = 0; page !== null && asked < pagesAtMost; asked++) {
    query.set('page', page)
    const came: Came = await ask('GET', `/projects/${project}/${kind}?${query}`)
    // Where pipelines, issues or merge requests are switched off there is nothing to hear of them.
    if (came.status === 403) return { things: [], isCut: false }
    if (!Array.isArray(came.body)) throw new Error(`GitLab answered with no list of ${kind.replace('_', ' ')}`)
    things.push(...(came.body as unknown[]))
    page = nextPage(came)
  }
  return { things, isCut: page !== null }
}

const updatedAt = (one: unknown): string => {
  const at = (one as { updated_at?: unknown } | null)?.updated_at
  return typeof at === 'string' && Number.isFinite(Date.parse(at)) ? new Date(at).toISOString() : ''
}

/** Slightly before the newest thing that was seen, and never back. */
const later = (since: string, newest: string): string => {
  const from = new Date((Date.parse(newest) || 0) - overlapMillis).toISOString()
  return from > since ? from : since
}

/** `poll` before it: a webhook's id never looks like that. */
const tellable = ({ name, part, payload }: Happened): Tellable => ({
  id: shortName(`${polledBy}${name}`, 190),
  headers: { [partHeader]: part },
  payload,
})

/** An answer that is a no stops the whole: the cursor stays, and it is asked again later. */
const careful =
  (ask: Ask): Ask =>
  async (method, path, body) => {
    const came = await ask(method, path, body)
    const pause = limitIn(came)
    if (pause !== null) throw new Error(`GitLab limits the rate for ${Math.ceil(pause / 1_000)} s`)
    if (came.status === 200 || (came.status === 403 && path.includes('?'))) return came
    if (came.status === 401) throw new Error('GitLab does not take the token any more (401): give it another one')
    const No = came.status === 404 ? Gone : Unread
    throw new No(`GitLab answered ${came.status}${messageIn(came.body) ? `: ${messageIn(came.body)}` : ''}`)
  }
