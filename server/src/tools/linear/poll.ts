/**
 * How is news found when Linear cannot reach us?
 * Each team is asked which issues changed since the last time and which comments were written; the history of an issue tells what happened, when and by
 * whom. What is found has the form of a webhook and the same names, so that both at once start nothing twice.
 */
import { z } from 'zod'
import { partHeader, type Connection, type Poll, type Polled } from '../port.ts'
import type { Outside } from '../outside.ts'
import { askLinear, dataOf, type Told } from './ask.ts'
import { isOurTeam, teamsIn } from './fields.ts'
import { commentParts, historyParts, instant, issueParts } from './issue.ts'
import { happenedTo, type Happened } from './history.ts'

const Cursor = z.object({ since: z.iso.datetime() })

const usualMillis = 30_000
/** Linear's lists may lag behind by some seconds. */
const overlapMillis = 10_000
const perPage = 25
const pagesAtMost = 40
/** The stream of a connection that names no team. */
const allTeams = 'all teams'

const changedIssues = `query Changed($filter: IssueFilter, $first: Int!, $after: String) {
  issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt) {
    nodes { ...IssueParts history(first: 20) { nodes { ...HistoryParts } } }
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
      return { found: [], cursor: { since: new Date().toISOString() }, nextMillis: usualMillis }
    }
    const from = Date.parse(read.data.since) - overlapMillis
    const of = { team: stream === allTeams ? null : stream, from: new Date(from).toISOString() }
    const [issues, comments] = [
      await pages(connection, outside, 'issues', changedIssues, filterOf('updatedAt', of)),
      await pages(connection, outside, 'comments', newComments, commentFilter(of)),
    ]
    const happened = [
      ...issues.flatMap((issue) => happenedTo(issue, from)),
      ...comments.filter((one) => isOurTeam(connection, one['issue']['team'])).map(written),
    ]
    const times = [...issues.map((one) => one['updatedAt']), ...comments.map((one) => one['createdAt'])]
      .map((text) => instant(text as string) ?? 0)
      .concat(Date.parse(read.data.since))
    return {
      found: happened.toSorted((a, b) => a.at - b.at).map(deliveryOf),
      cursor: { since: new Date(Math.max(...times)).toISOString() },
      nextMillis: usualMillis,
    }
  },
}

type Of = { readonly team: string | null; readonly from: string }
const teamFilter = (team: string | null): Told =>
  team === null ? {} : { team: { or: [{ key: { eqIgnoreCase: team } }, { name: { eqIgnoreCase: team } }] } }
const filterOf = (time: string, { team, from }: Of): Told => ({ [time]: { gte: from }, ...teamFilter(team) })
const commentFilter = ({ team, from }: Of): Told => ({
  createdAt: { gte: from },
  ...(team === null ? {} : { issue: teamFilter(team) }),
})

const pages = async (
  connection: Connection,
  outside: Outside,
  list: 'issues' | 'comments',
  query: string,
  filter: Told,
): Promise<Told[]> => {
  const all: Told[] = []
  let after: string | null = null
  for (let page = 0; page < pagesAtMost; page++) {
    const came: Told = dataOf(await askLinear(connection, outside, query, { filter, first: perPage, after }))[list]
    all.push(...(came['nodes'] as Told[]))
    if (!came['pageInfo']['hasNextPage']) return all
    after = came['pageInfo']['endCursor'] as string
  }
  throw new Error(`more than ${pagesAtMost * perPage} ${list} changed at once`)
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

const deliveryOf = ({ id, part, payload }: Happened): Polled['found'][number] => ({
  id: `poll ${id}`.slice(0, 190),
  headers: { 'linear-event': String(payload['type']), [partHeader]: part },
  body: JSON.stringify(payload),
})
