/**
 * How is news found when Jira cannot reach us?
 * Projects are asked which issues were updated since the last time; their history and comments tell what happened, when and by whom. What is found has
 * the form of a webhook and the same ids, so that both at once start nothing twice.
 */
import { z } from 'zod'
import { TooLong, type Outside } from '@viewportai/core/tools/outside'
import { partHeader, type Connection, type Poll, type Polled, polledBy } from '../port.ts'
import { markBy } from '../poll-clock.ts'
import { PagePlace, takePage, type PageTaken } from '../poll-page.ts'
import { roomOf, type Room, type Tellable } from '../poll-take.ts'
import { shortName } from '../short-name.ts'
import { editorsIn } from './again.ts'
import { askJira, bodyOf, type Came, type Told } from '@viewportai/core/tools/jira/ask'
import { isProjectKey, projectsIn } from '@viewportai/core/tools/jira/fields'
import { instant, usedOf } from './issue.ts'
import { wholeIssue } from './rest-of.ts'
import { partsOf, Payload } from './told.ts'

const Cursor = z.object({
  since: z.iso.datetime(),
  /** A window that holds more than is taken at once: the question, where it goes on, and when it was begun. */
  more: z
    .object({
      jql: z.string(),
      /** Null: at its beginning. */
      token: z.string().nullable(),
      began: z.iso.datetime(),
      page: PagePlace.optional(),
    })
    .optional(),
})
const usualMillis = 30_000
/** Jira's search lags behind by some seconds, and knows minutes only. */
const overlapMillis = 60_000
/** Issues of a page: fewer when the answer is too long. */
const pageSizes = [50, 10, 1]
const pagesAtMost = 10
/** From then on the same window goes on. */
const moreMillis = 1_000
/** The stream of a connection that names no project. */
const allProjects = 'all projects'

export const poll: Poll = {
  streams: (connection) => {
    const projects = projectsIn(connection)
    return projects.length > 0 ? projects : [allProjects]
  },
  async ask(connection, stream, cursor, outside): Promise<Polled> {
    if (stream !== allProjects && !isProjectKey(stream)) throw new Error(`${stream} is no key of a project`)
    const now = outside.now()
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success) {
      bodyOf(await askJira(connection, outside, 'GET', '/myself'))
      return { found: [], cursor: { since: new Date(now).toISOString() }, nextMillis: usualMillis }
    }
    const from = markBy({ now, ours: now })(read.data.since)
    // A window that begins ahead is asked for anew.
    const more = from === read.data.since ? read.data.more : undefined
    const since = Date.parse(from) - overlapMillis
    const window = more ?? { jql: jqlOf(stream, now - since), token: null, began: new Date(now).toISOString() }
    const room = roomOf(outside)
    const lost: string[] = []
    const lose = (what: string): void => void lost.push(what)
    const came = await search(
      connection,
      outside,
      { ...window, place: more?.page ?? { done: [] }, room, lost: lose },
      (issue, isFirst) => wholeIssue(connection, outside, issue, since, { lost: lose, room, isFirst }),
    )
    // The place within the window is no longer known there: it is asked from its beginning.
    if (came === null) return { found: [], cursor: { since: from }, nextMillis: usualMillis }
    const { issues, tooLong, token, rest, problem } = came
    if (tooLong.length > 0) lost.push(`Too long to be read, so left out: ${tooLong.join(', ')}.`)
    const isWhole = token === null && rest === null
    const happened = issues.flatMap((issue) => happenedTo(issue, since)).toSorted((a, b) => a.at - b.at)
    const found = room.keep(happened.map(tellable), `${stream} of Jira`, (what) => lost.push(what))
    return {
      found: found ?? [],
      cursor: isWhole
        ? { since: window.began }
        : { since: from, more: { jql: window.jql, began: window.began, token, ...(rest && { page: rest }) } },
      nextMillis: isWhole || problem !== null ? usualMillis : moreMillis,
      problem,
      lost: lost.join(' ') || null,
    }
  },
}

/** A time in words would be of the account's zone; so many minutes ago is the same everywhere. */
const jqlOf = (stream: string, millisAgo: number): string =>
  `${stream === allProjects ? '' : `project = "${stream}" AND `}updated >= -${Math.ceil(millisAgo / 60_000) + 1}m ORDER BY updated ASC`

type Window = { readonly jql: string; readonly token: string | null }
/** `token`: where the window goes on; null: it was whole, or with a `rest` at its beginning. `rest`: within that page. `tooLong`: keys of what no answer can hold. */
type Searched = Pick<PageTaken<Told>, 'rest' | 'problem'> & {
  readonly issues: Told[]
  readonly tooLong: string[]
  readonly token: string | null
}

/** An issue that changed since is another one. */
const nameOf = (issue: Told): string => `${String(issue['key'])} ${String(issue['fields']['updated'] ?? '')}`

/** Null when Jira does not take the place to go on from. */
const search = async (
  connection: Connection,
  outside: Outside,
  {
    room,
    place,
    lost,
    ...window
  }: Window & { readonly room: Room; readonly place: PagePlace; lost(what: string): void },
  whole: (issue: Told, isFirst: boolean) => Promise<Told>,
): Promise<Searched | null> => {
  const issues: Told[] = []
  const tooLong: string[] = []
  let { token } = window
  for (let page = 0; page < pagesAtMost; page++) {
    const { came, short } = await onePage(connection, outside, { ...window, token })
    if ('no' in came && token !== null) return null
    const body = bodyOf(came)
    if (!Array.isArray(body['issues'])) throw new Error('Jira answered with no list of issues')
    const all = body['issues'] as Told[]
    if (short) tooLong.push(...all.map((issue) => String(issue['key'])))
    else {
      const { taken, rest, problem } = await takePage(all, page === 0 ? place : { done: [] }, {
        isFirst: issues.length === 0,
        nameOf,
        whole,
        lost,
      })
      issues.push(...taken)
      if (rest !== null) return { issues, tooLong, token, rest, problem }
    }
    token = typeof body['nextPageToken'] === 'string' ? body['nextPageToken'] : null
    room.read(JSON.stringify(all).length)
    // The next asking goes on where this one's time or room is over.
    if (token === null || !room.isLeft()) break
  }
  return { issues, tooLong, token, rest: null, problem: null }
}

/** As many issues as one answer holds. `short`: one, and not even that: nothing is told but which it is. */
const onePage = async (
  connection: Connection,
  outside: Outside,
  { jql, token }: Window,
): Promise<{ came: Came; short: boolean }> => {
  const asked = (size: number, what: Record<string, string>): Promise<Came> => {
    const place: Record<string, string> = token === null ? {} : { nextPageToken: token }
    const query = new URLSearchParams({ jql, maxResults: String(size), ...what, ...place })
    return askJira(connection, outside, 'GET', `/search/jql?${query}`)
  }
  for (const size of pageSizes)
    try {
      return { came: await asked(size, { fields: '*all', expand: 'changelog' }), short: false }
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
    }
  return { came: await asked(1, { fields: 'created' }), short: true }
}

type Happened = { readonly id: string; readonly at: number; readonly part: string; readonly payload: Told }

const happenedTo = ({ changelog, ...issue }: Told, since: number): Happened[] => {
  const histories = ((changelog?.['histories'] ?? []) as Told[]).toSorted((a, b) => at(a) - at(b))
  const common = { issue: { ...issue, fields: usedOf(issue['fields'] as Told) }, editors: editorsIn(histories) }
  const comments = (issue['fields']['comment']?.['comments'] ?? []) as Told[]
  return [
    ...(at(issue['fields'] as Told) >= since
      ? parts(`created ${issue['id']}`, at(issue['fields'] as Told), {
          ...common,
          webhookEvent: 'jira:issue_created',
          user: issue['fields']['creator'],
          issue: { ...issue, fields: { ...common.issue.fields, ...beginning(issue, histories) } },
        })
      : []),
    ...histories
      .filter((entry) => at(entry) >= since)
      .flatMap((entry) =>
        parts(`change ${entry['id']}`, at(entry), {
          ...common,
          webhookEvent: 'jira:issue_updated',
          user: entry['author'],
          changelog: entry,
        }),
      ),
    ...comments
      .filter((one) => at(one) >= since)
      .flatMap((comment) =>
        parts(`comment ${comment['id']}`, at(comment), {
          ...common,
          webhookEvent: 'comment_created',
          user: comment['author'],
          comment,
        }),
      ),
  ]
}

const at = (thing: Told): number => instant(thing['created'] as string | null) ?? 0

const parts = (id: string, when: number, payload: Told): Happened[] => {
  const read = Payload.safeParse(payload)
  return read.success
    ? partsOf(read.data).map((part) => ({
        id: `${id} ${part}`,
        at: when,
        part,
        payload: { ...payload, timestamp: when },
      }))
    : []
}

/** The assignee and the labels that an issue began with: the history's first change of each says what was before. */
const beginning = ({ fields }: Told, histories: readonly Told[]): Told => {
  const first = (field: string): Told | undefined =>
    histories.flatMap((entry) => entry['items'] as Told[]).find((item) => item['field'] === field)
  const [assigned, labelled] = [first('assignee'), first('labels')]
  return {
    assignee: !assigned
      ? fields['assignee']
      : assigned['from']
        ? { accountId: assigned['from'], displayName: assigned['fromString'] }
        : null,
    labels: labelled
      ? String(labelled['fromString'] ?? '')
          .split(' ')
          .filter((word) => word !== '')
      : fields['labels'],
  }
}

const tellable = ({ id, part, payload }: Happened): Tellable => ({
  id: shortName(`${polledBy}${id}`, 190),
  headers: { [partHeader]: part },
  payload,
})
