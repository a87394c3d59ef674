// The part of Jira Cloud that comments and new issues need. It is our own, written after Jira's public documentation, for want of a program of somebody else: it shows that
// both sides of us fit, and nothing about Jira itself.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

type Comment = { id: string; body: unknown; author: { accountId: string } }
export type JiraIssue = { id: string; key: string; fields: Record<string, unknown>; comments: Comment[] }
export type OwnJira = { url: string; issues: JiraIssue[]; close(): Promise<void> }

const account = { accountId: '712020:viewport', displayName: 'Viewport', accountType: 'app' }
const gone = 'Issue does not exist or you do not have permission to see it.'

/** One project, PAY, with one issue, PAY-1. Whoever has the token is Viewport. */
export async function openOwnJira(token: string): Promise<OwnJira> {
  const issues: JiraIssue[] = []
  let serial = 10_000
  const make = (fields: Record<string, unknown>): JiraIssue => {
    const at = { project: { key: 'PAY' }, status: { name: 'To Do' }, assignee: null }
    const issue = { id: String(++serial), key: `PAY-${issues.length + 1}`, fields: { ...fields, ...at }, comments: [] }
    issues.unshift(issue) // the newest first, as it is asked for
    return issue
  }
  make({ summary: 'The first one' })

  const answer = (
    method: string,
    path: string,
    body: { fields?: Record<string, unknown>; body?: unknown },
  ): [number, unknown] => {
    if (path === '/myself') return [200, account]
    if (path === '/project/PAY') return [200, {}]
    if (path === '/search/jql') return [200, { issues, isLast: true }]
    if (path === '/issue' && method === 'POST') {
      const { id, key } = make(body.fields ?? {})
      return [201, { id, key }]
    }
    const [, ref, part, id] = /^\/issue\/([^/]+)(?:\/(comment)(?:\/(\d+))?)?$/.exec(path) ?? []
    const issue = issues.find((one) => one.id === ref || one.key === ref)
    if (!issue) return [404, { errorMessages: [gone], errors: {} }]
    if (part === undefined) return [200, issue]
    if (method === 'POST') {
      const comment = { id: String(++serial), body: body.body, author: account }
      issue.comments.unshift(comment)
      return [201, comment]
    }
    if (id === undefined) return [200, { comments: issue.comments, total: issue.comments.length }]
    const comment = issue.comments.find((one) => one.id === id)
    return comment ? [200, comment] : [404, { errorMessages: ['Can not find a comment for the id.'] }]
  }

  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const word = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString('utf8')
      const text = Buffer.concat(parts).toString('utf8')
      const path = new URL(request.url!, 'http://x').pathname.replace('/rest/api/3', '')
      const [status, told] = word.endsWith(`:${token}`)
        ? answer(request.method!, path, text === '' ? {} : (JSON.parse(text) as object))
        : [401, { errorMessages: ['Client must be authenticated to access this resource.'] }]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issues,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
