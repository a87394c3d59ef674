/**
 * How is news found when Linear cannot reach us?
 * Each team is asked which issues changed since the last time and which comments were written; the history of an issue tells what happened, when and by
 * whom. What is found has the form of a webhook and the same names, so that both at once start nothing twice.
 */
import { z } from 'zod'
import { markBy } from '../poll-clock.ts'
import { PagePlace, takePage, type PageTaken } from '../poll-page.ts'
import { roomOf, type Room, type Tellable } from '../poll-take.ts'
import { shortName } from '../short-name.ts'
import { partHeader, type Connection, type Poll, type Polled, polledBy } from '../port.ts'
import { TooLong, type Outside } from '@viewportai/core/tools/outside'
import { askLinear, dataOf, type Came, type Told } from '@viewportai/core/tools/linear/ask'
import { isOurTeam, teamsIn } from '@viewportai/core/tools/linear/fields'
import { commentParts, historyParts, issueParts } from '@viewportai/core/tools/linear/parts'
import { instant } from './issue.ts'
import { happenedTo, type Happened } from './history.ts'
import { withHistory } from './rest-of.ts'

const Cursor = z.object({
  since: z.iso.datetime(),
  /** A window that holds more than is taken at once: what it begins with, the newest that was seen, and where each list goes on; one that is not named is whole. */
  more: z
    .object({
      from: z.iso.datetime(),
      newest: z.iso.datetime(),
      /** Empty: where the list begins. */
      after: z.object({ issues: z.string().optional(), comments: z.string().optional() }),
      /** Within that page of issues. */
      page: PagePlace.optional(),
    })
    .optional(),
})

const usualMillis = 30_000
/** Linear's lists may lag behind by some seconds. */
const overlapMillis = 10_000
/** Things of a page: fewer when the answer is too long. */
const pageSizes = [25, 5, 1]
const pagesAtMost = 20
/** From then on the same window goes on. */
const moreMillis = 1_000
/** The stream of a connection that names no team. */
const allTeams = 'all teams'

const changedIssues = `query Changed($filter: IssueFilter, $first: Int!, $after: String) {
  issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt) {
    nodes { ...IssueParts history(first: 20) { nodes { ...HistoryParts } pageInfo { hasNextPage endCursor } } }
    pageInfo { hasNextPage endCursor }
  }
}
${issueParts}
${historyParts}`
const newComments = `query Commented($filter: CommentFilter, $first: Int!, $after: String) {
  comments(first: $first, after: $after, filter: $filter) {
    nodes { ...CommentParts botActor { id name } externalUser { id name } issue { ...IssueParts } }
    pageInfo { hasNextPage endCursor }
  }
}
${issueParts}
${commentParts}`

export const poll: Poll = {
  streams: (connection) => {
    const teams = teamsIn(connection)
    return teams.length > 0 ? teams : [allTeams]
  },
  async ask(connection, stream, cursor, outside): Promise<Polled> {
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success) {
      dataOf(await askLinear(connection, outside, 'query Viewer { viewer { id } }'))
      return { found: [], cursor: { since: new Date(outside.now()).toISOString() }, nextMillis: usualMillis }
    }
    const by = markBy({ now: outside.now(), ours: outside.now() })
    const since = by(read.data.since)
    // A window that begins ahead is asked for anew.
    const more = since === read.data.since ? read.data.more : undefined
    const room = roomOf(outside)
    const from = more?.from ?? new Date(Date.parse(since) - overlapMillis).toISOString()
    const of = { team: stream === allTeams ? null : stream, from }
    const lost: string[] = []
    const lose = (what: string): void => void lost.push(what)
    const whole = (issue: Told, isFirst: boolean): Promise<Told> =>
      withHistory(connection, outside, issue, Date.parse(from), { lost: lose, room, isFirst })
    const list = async (name: List, query: string, filter: Told): Promise<Listed | null> =>
      more && more.after[name] === undefined
        ? { ...nothing, after: null }
        : pages(
            connection,
            outside,
            { list: name, query, filter, room, whole, lost: lose, place: more?.page ?? { done: [] } },
            more?.after[name] || null,
          )
    const issues = await list('issues', changedIssues, filterOf('updatedAt', of))
    // Where the issues took all the time, the comments have their turn in the next asking.
    const comments =
      issues !== null && issues.rest !== null && !room.isLeft()
        ? { ...nothing, after: more ? (more.after.comments ?? null) : '' }
        : await list('comments', newComments, commentFilter(of))
    // The place within the window is no longer known there: it is asked from its beginning.
    if (issues === null || comments === null) return { found: [], cursor: { since }, nextMillis: usualMillis }
    for (const one of [...issues.tooLong, ...comments.tooLong]) lost.push(`Too long to be read, so left out: ${one}.`)
    const happened = [
      ...issues.all.flatMap((issue) => happenedTo(issue, Date.parse(from))),
      // A comment may stand on something else: a project's update, a document.
      ...comments.all.filter((one) => one['issue'] && isOurTeam(connection, one['issue']['team'])).map(written),
    ]
    const found = room.keep(happened.toSorted((a, b) => a.at - b.at).map(tellable), `${stream} of Linear`, (what) =>
      lost.push(what),
    )
    const now = outside.now()
    const times = [...issues.all.map((one) => one['updatedAt']), ...comments.all.map((one) => one['createdAt'])]
      .map((text) => Math.min(instant(text as string) ?? 0, now)) // nothing has changed in the future
      .concat(Date.parse(since), more ? Date.parse(more.newest) : 0)
    const newest = new Date(Math.max(...times)).toISOString()
    const isWhole = issues.after === null && comments.after === null
    return {
      found: found ?? [],
      cursor: isWhole
        ? { since: newest }
        : {
            since,
            more: { from, newest, after: placesOf(issues, comments), ...(issues.rest && { page: issues.rest }) },
          },
      nextMillis: isWhole || issues.problem !== null ? usualMillis : moreMillis,
      problem: issues.problem,
      lost: lost.join(' ') || null,
    }
  },
}

type List = 'issues' | 'comments'
/** `after`: where the list goes on; null: it was whole; empty: at its beginning. `rest`: within that page. `tooLong`: what no answer can hold. */
type Listed = Pick<PageTaken<Told>, 'rest' | 'problem'> & {
  readonly all: Told[]
  readonly tooLong: string[]
  readonly after: string | null
}
const nothing = { all: [], tooLong: [], rest: null, problem: null }

const placesOf = (issues: Listed, comments: Listed): Record<string, string> => ({
  ...(issues.after === null ? {} : { issues: issues.after }),
  ...(comments.after === null ? {} : { comments: comments.after }),
})

type Of = { readonly team: string | null; readonly from: string }
const teamFilter = (team: string | null): Told =>
  team === null ? {} : { team: { or: [{ key: { eqIgnoreCase: team } }, { name: { eqIgnoreCase: team } }] } }
const filterOf = (time: string, { team, from }: Of): Told => ({ [time]: { gte: from }, ...teamFilter(team) })
const commentFilter = ({ team, from }: Of): Told => ({
  createdAt: { gte: from },
  ...(team === null ? {} : { issue: teamFilter(team) }),
})

type Asked = {
  readonly list: List
  readonly query: string
  readonly filter: Told
  readonly room: Room
  /** The issue with what its list does not hold. */
  whole(issue: Told, isFirst: boolean): Promise<Told>
  lost(what: string): void
  /** Where the first page goes on. */
  readonly place: PagePlace
}

/** An issue that changed since is another one. */
const nameOf = (issue: Told): string => `${String(issue['identifier'])} ${String(issue['updatedAt'])}`

/** Null when Linear does not take the place to go on from. */
const pages = async (
  connection: Connection,
  outside: Outside,
  asked: Asked,
  from: string | null,
): Promise<Listed | null> => {
  const all: Told[] = []
  const tooLong: string[] = []
  let after = from
  for (let page = 0; page < pagesAtMost; page++) {
    const { came, short } = await onePage(connection, outside, asked, after)
    if ('no' in came && after !== null) return null
    const told = dataOf(came)[asked.list] as Told
    const nodes = told['nodes'] as Told[]
    if (short) tooLong.push(...nodes.map((one) => `${asked.list} ${String(one['id'])}`))
    else if (asked.list === 'comments') all.push(...nodes)
    else {
      const place = page === 0 ? asked.place : { done: [] }
      const { taken, rest, problem } = await takePage(nodes, place, { ...asked, isFirst: all.length === 0, nameOf })
      all.push(...taken)
      if (rest !== null) return { all, tooLong, after: after ?? '', rest, problem }
    }
    after = told['pageInfo']['hasNextPage'] === true ? (told['pageInfo']['endCursor'] as string) : null
    asked.room.read(JSON.stringify(nodes).length)
    // The next asking goes on where this one's time or room is over.
    if (after === null || !asked.room.isLeft()) break
  }
  return { all, tooLong, after, rest: null, problem: null }
}

/** As many as one answer holds. `short`: one, and not even that: nothing is told but which it is. */
const onePage = async (
  connection: Connection,
  outside: Outside,
  { list, query, filter }: Asked,
  after: string | null,
): Promise<{ came: Came; short: boolean }> => {
  for (const first of pageSizes)
    try {
      return { came: await askLinear(connection, outside, query, { filter, first, after }), short: false }
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
    }
  const kind = list === 'issues' ? 'IssueFilter' : 'CommentFilter'
  const few = `query Few($filter: ${kind}, $first: Int!, $after: String) {
    ${list}(first: $first, after: $after, filter: $filter${list === 'issues' ? ', orderBy: updatedAt' : ''}) { nodes { id } pageInfo { hasNextPage endCursor } }
  }`
  return { came: await askLinear(connection, outside, few, { filter, first: 1, after }), short: true }
}

const written = (comment: Told): Happened => {
  const { issue, externalUser, botActor, ...data } = comment
  const by =
    comment['user'] ??
    (externalUser ? { ...externalUser, guest: true } : null) ??
    (botActor ? { ...botActor, app: true } : null)
  return {
    id: `comment ${comment['id']}`,
    at: instant(comment['createdAt'] as string) ?? 0,
    part: 'commented',
    payload: {
      action: 'create',
      type: 'Comment',
      actor: by,
      createdAt: comment['createdAt'],
      data: { ...data, issueId: issue['id'], issue, ...(externalUser ? { externalUserId: externalUser['id'] } : {}) },
    },
  }
}

const tellable = ({ id, part, payload }: Happened): Tellable => ({
  id: shortName(`${polledBy}${id}`, 190),
  headers: { 'linear-event': String(payload['type']), [partHeader]: part },
  payload,
})
