/**
 * GitHub's history of edits as the tests of this folder meet it: an emulator of our own, in front of the one of somebody else, which has no GraphQL.
 * It answers the one question that a look asks, and takes pull requests out of draft, which only GraphQL does; everything else is passed on as it came.
 */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** `behind`: address of the emulator. Ended after the tests of the file. */
export const withHistory = async (behind: string) => {
  const history = {
    url: '',
    /** Numbers of the accounts that edited a text, by its node; null: an account that is gone. */
    editors: new Map<string, (number | null)[]>(),
    /** When the pull request was last meant for another branch (ISO 8601). */
    rebased: null as string | null,
    silent: false,
    /** Nodes of the pull requests that were taken out of draft, each time. */
    readied: [] as string[],
    /** The next one is taken out of draft, and the answer does not arrive. */
    losesAnswer: false,
  }
  const actor = (id: number | null) => ({
    editor: id === null ? null : { __typename: 'User', login: `u${id}`, databaseId: id },
  })
  const node = (id: string) => {
    const edits = history.editors.get(id) ?? []
    return {
      id,
      lastEditedAt: edits.length > 0 ? '2026-11-29T10:00:00Z' : null,
      userContentEdits: { pageInfo: { hasNextPage: false }, nodes: edits.map(actor) },
    }
  }
  const answer = (body: string): unknown => {
    const { query, variables } = JSON.parse(body) as { query: string; variables: { ids: string[]; id: string } }
    if (query.startsWith('mutation') && query.includes('markPullRequestReadyForReview')) {
      history.readied.push(variables.id)
      return { data: { markPullRequestReadyForReview: { pullRequest: { isDraft: false } } } }
    }
    if (history.silent || !query.includes('PullHistory')) return { errors: [{ message: 'Not here' }] }
    const nodes = history.rebased === null ? [] : [{ createdAt: history.rebased }]
    return {
      data: {
        repository: { pullRequest: { timelineItems: { nodes } } },
        nodes: variables.ids.map((id) => node(id)),
      },
    }
  }
  const asReadied = (text: string): string => {
    const pull = JSON.parse(text) as { node_id?: string; draft?: boolean }
    return history.readied.includes(pull.node_id ?? '') ? JSON.stringify({ ...pull, draft: false }) : text
  }
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      if (request.url === '/graphql') {
        const before = history.readied.length
        const told = JSON.stringify(answer(body.toString()))
        if (history.losesAnswer && history.readied.length > before) {
          history.losesAnswer = false
          return void request.socket.destroy()
        }
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(told)
      }
      const { host: _host, 'transfer-encoding': _coding, ...headers } = request.headers
      const on = http.request(behind + request.url, { method: request.method ?? 'GET', headers }, (came) => {
        const { 'content-length': _length, ...told } = came.headers
        response.writeHead(came.statusCode ?? 502, told)
        if (!/\/pulls\/\d+$/.test(request.url ?? '')) return void came.pipe(response)
        const some: Buffer[] = []
        came.on('data', (part: Buffer) => some.push(part))
        came.on('end', () => response.end(asReadied(Buffer.concat(some).toString())))
      })
      on.on('error', () => response.destroy())
      on.end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => void server.close())
  history.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return history
}
