// The part of Jira Cloud that comments, new issues, moves and assignments need. It is our own, written after Jira's public documentation, for want of a program of somebody else:
// it shows that both sides of us fit, and nothing about Jira itself.
import type { Json } from './api.ts'
import { openOwnServer, type OwnServer, type Told } from './own-server.ts'

type Comment = { id: string; body: unknown; author: { accountId: string } }
export type JiraIssue = {
  id: string
  key: string
  fields: Record<string, unknown>
  comments: Comment[]
  /** What was changed, by whom. */
  histories: Json[]
}
export type OwnJira = OwnServer & {
  issues: JiraIssue[]
  /** PAY-1 is in To Do, or nobody's, as when it was made, and nothing tells that it ever was otherwise. */
  putBack(field: 'status' | 'assignee'): void
}

const account = { accountId: '712020:viewport', displayName: 'Viewport', accountType: 'app' }
const gone = 'Issue does not exist or you do not have permission to see it.'
const moves = ['To Do', 'In Progress', 'In Review'].map((name, at) => ({ id: String(at), name, to: { name } }))
const begun = () => ({ status: { name: 'To Do' }, assignee: null })

/** One project, PAY, with one issue, PAY-1. Whoever has the token is Viewport. */
export async function openOwnJira(token: string): Promise<OwnJira> {
  const issues: JiraIssue[] = []
  let serial = 10_000
  const make = (fields: Record<string, unknown>): JiraIssue => {
    const issue = {
      id: String(++serial),
      key: `PAY-${issues.length + 1}`,
      fields: { ...fields, project: { key: 'PAY' }, ...begun() },
      comments: [],
      histories: [],
    }
    issues.unshift(issue) // the newest first, as it is asked for
    return issue
  }
  make({ summary: 'The first one' })
  const change = (issue: JiraIssue, fields: Json, item: Json): Told => {
    Object.assign(issue.fields, fields)
    issue.histories.unshift({ id: String(++serial), author: account, items: [item] })
    return [204, null]
  }
  const part = (issue: JiraIssue, method: string, name: string, id: string | undefined, body: Json): Told => {
    switch (`${method} ${name}`) {
      case 'GET transitions':
        return [200, { transitions: moves }]
      case 'POST transitions': {
        const { name: to } = moves[Number(body['transition'].id)]!
        return change(issue, { status: { name: to } }, { field: 'status', toString: to })
      }
      case 'PUT assignee':
        return change(issue, { assignee: account }, { field: 'assignee', to: body['accountId'] })
      case 'POST comment': {
        const comment = { id: String(++serial), body: body['body'] as unknown, author: account }
        issue.comments.unshift(comment)
        return [201, comment]
      }
      case 'GET comment':
      case 'PUT comment': {
        if (id === undefined) return [200, { comments: issue.comments, total: issue.comments.length }]
        const comment = issue.comments.find((one) => one.id === id)
        if (comment && method === 'PUT') comment.body = body['body']
        return comment ? [200, comment] : [404, { errorMessages: ['Can not find a comment for the id.'] }]
      }
      default:
        return [405, { errorMessages: ['Method Not Allowed'] }]
    }
  }
  const server = await openOwnServer(
    ({ authorization = '' }) =>
      Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('utf8').endsWith(`:${token}`),
    { errorMessages: ['Client must be authenticated to access this resource.'] },
    (method, { pathname }, body) => {
      const path = pathname.replace('/rest/api/3', '')
      if (path === '/myself') return [200, account]
      if (path === '/project/PAY') return [200, {}]
      if (path === '/search/jql') return [200, { issues, isLast: true }]
      if (path === '/user/assignable/search') return [200, [account]]
      if (path === '/issue' && method === 'POST') {
        const { id, key } = make(body['fields'] ?? {})
        return [201, { id, key }]
      }
      const [, ref, name, id] = /^\/issue\/([^/]+)(?:\/(comment|transitions|assignee)(?:\/(\d+))?)?$/.exec(path) ?? []
      const issue = issues.find((one) => one.id === ref || one.key === ref)
      if (!issue) return [404, { errorMessages: [gone], errors: {} }]
      if (name !== undefined) return part(issue, method, name, id, body)
      const { histories } = issue
      return [200, { ...issue, changelog: { total: histories.length, histories } }]
    },
  )
  return {
    ...server,
    issues,
    putBack(field) {
      const first = issues.at(-1)!
      first.fields[field] = begun()[field]
      first.histories = first.histories.filter(({ items }) => items[0].field !== field)
    },
  }
}
