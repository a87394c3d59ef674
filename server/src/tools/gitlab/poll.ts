/**
 * How is news found when GitLab cannot reach us?
 * Every project is asked which issues and merge requests changed and which pipelines failed since the last time, and each of those what happened to it. What is found has
 * the form of a webhook and the same names, so that both at once start nothing twice.
 */
import { z } from 'zod'
import { anotherThere, numberOf } from '@viewportai/core/tools/place'
import { partHeader, type Poll, type Polled } from '../port.ts'
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
})
const usualMillis = 30_000
/** GitLab's lists may lag behind by some seconds. */
const overlapMillis = 10_000
/** From then on the same change goes on. */
const moreMillis = 1_000
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
    const now = Date.parse(about.headers['date'] ?? '') || Date.now()
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success)
      return { found: [], cursor: { since: new Date(now).toISOString() }, nextMillis: usualMillis, place }
    const { since, news = since } = read.data
    const lists = await Promise.all(kinds.map((kind) => changedIn(ask, project.id, kind, since)))
    const found: Happened[] = []
    const lost: string[] = []
    for (const [at, { things }] of lists.entries())
      for (const thing of things)
        found.push(...(await happenedTo(ask, project, kinds[at]!, thing, Date.parse(news), (what) => lost.push(what))))
    const cut = lists.filter((list) => list.isCut)
    const newest = lists
      .flatMap((list) => list.things.map(updatedAt))
      .toSorted()
      .at(-1)
    const shared = {
      found: found.toSorted((a, b) => a.at - b.at).map(deliveryOf),
      lost: lost.join(' ') || null,
      place,
    }
    if (cut.length > 0) {
      // Where a list stopped the next asking goes on, whatever is newer in another one.
      const until = cut.map((list) => updatedAt(list.things.at(-1))).toSorted()[0]!
      return until > since
        ? { ...shared, cursor: { since: until, news }, nextMillis: moreMillis }
        : {
            ...shared,
            cursor: { since: new Date(Date.parse(since) + 1_000).toISOString(), news },
            nextMillis: moreMillis,
            lost: [
              ...lost,
              `More than ${pagesAtMost * 100} things of ${stream} changed in one second; some were left out.`,
            ].join(' '),
          }
    }
    return {
      ...shared,
      cursor: { since: newest === undefined ? since : later(since, newest) },
      nextMillis: usualMillis,
    }
  },
}

type Changed = { readonly things: unknown[]; readonly isCut: boolean }

const changedIn = async (ask: Ask, project: number, kind: (typeof kinds)[number], since: string): Promise<Changed> => {
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
const deliveryOf = ({ name, part, payload }: Happened): Polled['found'][number] => ({
  id: `poll ${name}`.slice(0, 190),
  headers: { [partHeader]: part },
  body: JSON.stringify(payload),
})

/** An answer that is a no stops the whole: the cursor stays, and it is asked again later. */
const careful =
  (ask: Ask): Ask =>
  async (method, path, body) => {
    const came = await ask(method, path, body)
    const pause = limitIn(came)
    if (pause !== null) throw new Error(`GitLab limits the rate for ${Math.ceil(pause / 1_000)} s`)
    if (came.status === 200 || (came.status === 403 && path.includes('?'))) return came
    throw new Error(`GitLab answered ${came.status}${messageIn(came.body) ? `: ${messageIn(came.body)}` : ''}`)
  }
