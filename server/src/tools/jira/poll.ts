/**
 * How is news found when Jira cannot reach us?
 * Projects are asked which issues were updated since the last time; their history and comments tell what happened, when and by whom. What is found has
 * the form of a webhook and the same ids, so that both at once start nothing twice.
 */
import { z } from 'zod'
import type { Outside } from '../outside.ts'
import { partHeader, type Connection, type Poll, type Polled } from '../port.ts'
import { editorsIn } from './again.ts'
import { askJira, bodyOf, type Told } from './ask.ts'
import { isProjectKey, projectsIn } from './fields.ts'
import { instant } from './issue.ts'
import { partsOf, Payload } from './told.ts'

const Cursor = z.object({ since: z.iso.datetime() })
const usualMillis = 30_000
/** Jira's search lags behind by some seconds, and knows minutes only. */
const overlapMillis = 60_000
const perPage = 50
const pagesAtMost = 40
/** The stream of a connection that names no project. */
const allProjects = 'all projects'

export const poll: Poll = {
  streams: (connection) => {
    const projects = projectsIn(connection)
    return projects.length > 0 ? projects : [allProjects]
  },
  async ask(connection, stream, cursor, outside): Promise<Polled> {
    if (stream !== allProjects && !isProjectKey(stream)) throw new Error(`${stream} is no key of a project`)
    const now = Date.now()
    const read = Cursor.safeParse(cursor)
    // What was there before somebody connected is no news.
    if (!read.success) {
      bodyOf(await askJira(connection, outside, 'GET', '/myself'))
      return { found: [], cursor: { since: new Date(now).toISOString() }, nextMillis: usualMillis }
    }
    const since = Date.parse(read.data.since) - overlapMillis
    // A time in words would be of the account's zone; so many minutes ago is the same everywhere.
    const minutes = Math.ceil((now - since) / 60_000) + 1
    const jql = `${stream === allProjects ? '' : `project = "${stream}" AND `}updated >= -${minutes}m ORDER BY updated ASC`
    const issues = await search(connection, outside, jql)
    return {
      found: issues
        .flatMap((issue) => happenedTo(issue, since))
        .toSorted((a, b) => a.at - b.at)
        .map(deliveryOf),
      cursor: { since: new Date(now).toISOString() },
      nextMillis: usualMillis,
    }
  },
}

const search = async (connection: Connection, outside: Outside, jql: string): Promise<Told[]> => {
  const all: Told[] = []
  let token: string | null = null
  for (let page = 0; page < pagesAtMost; page++) {
    const query = new URLSearchParams({
      jql,
      fields: '*all',
      expand: 'changelog',
      maxResults: String(perPage),
      ...(token === null ? {} : { nextPageToken: token }),
    })
    const came = bodyOf(await askJira(connection, outside, 'GET', `/search/jql?${query}`))
    if (!Array.isArray(came['issues'])) throw new Error('Jira answered with no list of issues')
    all.push(...(came['issues'] as Told[]))
    token = typeof came['nextPageToken'] === 'string' ? came['nextPageToken'] : null
    if (token === null) return all
  }
  throw new Error(`more than ${pagesAtMost * perPage} issues changed at once`)
}

type Happened = { readonly id: string; readonly at: number; readonly part: string; readonly payload: Told }

const happenedTo = ({ changelog, ...issue }: Told, since: number): Happened[] => {
  const histories = ((changelog?.['histories'] ?? []) as Told[]).toSorted((a, b) => at(a) - at(b))
  const common = { issue, editors: editorsIn(histories) }
  const comments = (issue['fields']['comment']?.['comments'] ?? []) as Told[]
  return [
    ...(at(issue['fields'] as Told) >= since
      ? parts(`created ${issue['id']}`, at(issue['fields'] as Told), {
          ...common,
          webhookEvent: 'jira:issue_created',
          user: issue['fields']['creator'],
          issue: { ...issue, fields: { ...issue['fields'], ...beginning(issue, histories) } },
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

const deliveryOf = ({ id, part, payload }: Happened): Polled['found'][number] => ({
  id: `poll ${id}`.slice(0, 190),
  headers: { [partHeader]: part },
  body: JSON.stringify(payload),
})
