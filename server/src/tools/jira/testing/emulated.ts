/**
 * Jira Cloud as the tests of this folder meet it. It is our own, written after Jira's public documentation, for want of a program of
 * somebody else: it shows that both sides of us fit, and nothing about Jira itself.
 */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
export const tokens = { us: 'token-of-viewport', sam: 'token-of-sam', kim: 'token-of-kim' } as const
const people = {
  us: { accountId: '712020:viewport', displayName: 'Viewport', emailAddress: 'us@acme.dev', accountType: 'atlassian' },
  sam: { accountId: '712020:sam', displayName: 'Sam', emailAddress: 'sam@acme.dev', accountType: 'atlassian' },
  kim: { accountId: '712020:kim', displayName: 'Kim', emailAddress: 'kim@acme.dev', accountType: 'atlassian' },
} as const
type Who = keyof typeof people
const statuses = ['To Do', 'In Progress', 'In Review']

/** Acme with the projects PAY and OPS. Ended after the tests of the file. */
export const emulatedJira = async () => {
  const issues: Loose[] = []
  const hooks: { url: string; secret: string }[] = []
  let serial = 10_000
  const now = (): string => new Date().toISOString().replace('Z', '+0000')

  const find = (ref: string): Loose => issues.find((one) => one.id === ref || one.key === ref)
  const tell = async (payload: Loose): Promise<void> => {
    const body = JSON.stringify({ timestamp: Date.now(), ...payload })
    for (const { url, secret } of hooks)
      await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-atlassian-webhook-identifier': `hook-${++serial}`,
          'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
      })
  }
  /** A webhook has texts as they are, and neither history nor comments. */
  const told = ({ id, key, fields }: Loose): Loose => ({
    id,
    key,
    fields: { ...fields, description: JSON.stringify(fields.description ?? '') },
  })
  const change = async (issue: Loose, by: Who, items: Loose[], after: Loose): Promise<void> => {
    Object.assign(issue.fields, after, { updated: now() })
    const entry = { id: String(++serial), created: now(), author: people[by], items }
    issue.changelog.push(entry)
    await tell({
      webhookEvent: 'jira:issue_updated',
      user: people[by],
      issue: told(issue),
      changelog: { id: entry.id, items },
    })
  }
  const api = {
    async create(fields: Loose, by: Who = 'sam'): Promise<Loose> {
      const project = fields.project?.key ?? 'PAY'
      const id = String(++serial)
      const at = now()
      const issue = {
        id,
        key: `${project}-${serial}`,
        changelog: [],
        comments: [],
        fields: {
          summary: 'Charged twice',
          description: null,
          labels: [],
          components: [{ name: 'checkout' }],
          issuetype: { name: 'Bug' },
          priority: { name: 'High' },
          status: { name: 'To Do' },
          assignee: null,
          customfield_10020: [{ id: 7, name: 'Sprint 7', state: 'active', boardId: 1 }],
          ...fields,
          project: { key: project },
          reporter: people[by],
          creator: people[by],
          created: at,
          updated: at,
        },
      }
      issues.push(issue)
      await tell({ webhookEvent: 'jira:issue_created', user: people[by], issue: told(issue) })
      return issue
    },
    assign: (ref: string, to: Who, by: Who = 'sam') => {
      const issue = find(ref)
      const was = issue.fields.assignee
      const item = {
        field: 'assignee',
        from: was?.accountId ?? null,
        fromString: was?.displayName ?? null,
        to: people[to].accountId,
        toString: people[to].displayName,
      }
      return change(issue, by, [item], { assignee: people[to] })
    },
    label: (ref: string, label: string, by: Who = 'sam') => {
      const issue = find(ref)
      const labels = [...issue.fields.labels, label]
      const item = {
        field: 'labels',
        from: null,
        fromString: issue.fields.labels.join(' '),
        to: null,
        toString: labels.join(' '),
      }
      return change(issue, by, [item], { labels })
    },
    move: (ref: string, to: string, by: Who = 'sam') => {
      const issue = find(ref)
      const item = { field: 'status', from: '1', fromString: issue.fields.status.name, to: '2', toString: to }
      return change(issue, by, [item], { status: { name: to } })
    },
    /** `said`: words, or a document. It is kept as a document; its webhook has words as they were typed. */
    async comment(ref: string, said: Loose, by: Who = 'sam'): Promise<Loose> {
      const issue = find(ref)
      const inWords = typeof said === 'string'
      const body = inWords
        ? { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: said }] }] }
        : said
      const comment = { id: String(++serial), body, author: people[by], created: now() }
      issue.comments.push(comment)
      issue.fields.updated = now()
      // Of a comment's issue Jira tells a few fields only.
      const { summary, project, issuetype, priority, status, assignee } = issue.fields
      const few = { id: issue.id, key: issue.key, fields: { summary, project, issuetype, priority, status, assignee } }
      const words = inWords ? said : JSON.stringify(body)
      await tell({ webhookEvent: 'comment_created', comment: { ...comment, body: words }, issue: few })
      return comment
    },
  }

  const shown = (issue: Loose): Loose => ({
    id: issue.id,
    key: issue.key,
    fields: { ...issue.fields, comment: { comments: issue.comments } },
    changelog: { total: issue.changelog.length, histories: issue.changelog },
  })
  const found = (jql: string, by: Who): Loose[] => {
    const project = /project = "(\w+)"/.exec(jql)?.[1]
    const minutes = /updated >= -(\d+)m/.exec(jql)?.[1]
    return issues.filter(
      ({ fields }) =>
        (!project || fields.project.key === project) &&
        (!minutes || Date.parse(fields.updated.replace('+0000', 'Z')) >= Date.now() - Number(minutes) * 60_000) &&
        (!jql.includes('creator = currentUser()') || fields.creator.accountId === people[by].accountId),
    )
  }
  const answer = async (method: string, url: URL, body: Loose, by: Who): Promise<[number, Loose]> => {
    const path = url.pathname.replace('/rest/api/3', '')
    const [, ref = '', rest = '', last = ''] = /^\/issue\/([^/]+)\/?([^/]*)\/?([^/]*)$/.exec(path) ?? []
    if (path === '/myself') return [200, people[by]]
    if (path === '/project/search')
      return [
        200,
        {
          values: [
            { key: 'PAY', name: 'Payments' },
            { key: 'OPS', name: 'Operations' },
          ],
          isLast: true,
        },
      ]
    if (path.startsWith('/project/'))
      return /\/(PAY|OPS)$/.test(path)
        ? [200, { key: path.slice(-3) }]
        : [404, { errorMessages: ['No project could be found.'] }]
    if (path === '/search/jql') {
      const asked = (name: string): string | null => url.searchParams.get(name)
      const [from, size] = [Number(asked('nextPageToken')?.slice(6) ?? 0), Number(asked('maxResults'))]
      if (Number.isNaN(from)) return [400, { errorMessages: ['The page token is not valid.'] }]
      const all = found(asked('jql')!, by)
      const page = all.slice(from, from + size)
      const issues =
        asked('fields') === 'created'
          ? page.map(({ id, key, fields: { created } }) => ({ id, key, fields: { created } }))
          : page.map(shown)
      return [
        200,
        { issues, ...(from + size < all.length ? { nextPageToken: `token-${from + size}` } : { isLast: true }) },
      ]
    }
    if (path === '/user/assignable/search')
      return [
        200,
        Object.values(people).filter((one) =>
          JSON.stringify(one).toLowerCase().includes(url.searchParams.get('query')!.toLowerCase()),
        ),
      ]
    if (path === '/issue' && method === 'POST') {
      const { id, key } = await api.create(body.fields, by)
      return [201, { id, key }]
    }
    const issue = find(decodeURIComponent(ref))
    if (!issue)
      return [404, { errorMessages: ['Issue does not exist or you do not have permission to see it.'], errors: {} }]
    if (rest === '') return [200, shown(issue)]
    if (rest === 'comment' && method === 'POST') return [201, await api.comment(issue.id, body.body, by)]
    if (rest === 'comment' && last !== '') {
      const said = issue.comments.find((one: Loose) => one.id === last)
      if (said && method === 'PUT') said.body = body.body
      return said ? [200, said] : [404, { errorMessages: [`Can not find a comment for the id: ${last}.`] }]
    }
    const startAt = Number(url.searchParams.get('startAt') ?? 0)
    const part = (all: Loose[]): Loose[] =>
      all.slice(startAt, startAt + Number(url.searchParams.get('maxResults') ?? 50))
    if (rest === 'comment') {
      const newestFirst = url.searchParams.get('orderBy') === '-created'
      const all = newestFirst ? issue.comments.toReversed() : issue.comments
      return [200, { comments: part(all), startAt, total: issue.comments.length }]
    }
    if (rest === 'changelog')
      return [200, { values: part(issue.changelog), startAt, total: issue.changelog.length, isLast: false }]
    if (rest === 'transitions' && method === 'GET')
      return [
        200,
        { transitions: statuses.map((name, at) => ({ id: String(at), name: `Go to ${name}`, to: { name } })) },
      ]
    if (rest === 'transitions') {
      await api.move(issue.id, statuses[Number(body.transition.id)]!, by)
      return [204, null]
    }
    const [to] = Object.entries(people).find(([, one]) => one.accountId === body.accountId)!
    await api.assign(issue.id, to as Who, by)
    return [204, null]
  }

  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const [email = '', token] = Buffer.from(String(request.headers.authorization).slice(6), 'base64')
        .toString()
        .split(':')
      const by = (Object.keys(tokens) as Who[]).find(
        (one) => tokens[one] === token && people[one].emailAddress === email,
      )
      const text = Buffer.concat(parts).toString('utf8')
      const [status, body] = by
        ? await answer(request.method!, new URL(request.url!, 'http://x'), text === '' ? null : JSON.parse(text), by)
        : [401, { errorMessages: ['Client must be authenticated to access this resource.'] }]
      response
        .writeHead(status as number, { 'content-type': 'application/json' })
        .end(body === null ? '' : JSON.stringify(body))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issue: find,
    all: issues,
    hook: (url: string, secret: string) => void hooks.push({ url, secret }),
    people,
  }
}
