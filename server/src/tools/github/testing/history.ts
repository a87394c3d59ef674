/**
 * GitHub's history of edits as the tests of this folder meet it: an emulator of our own, in front of the one of somebody else, which has no GraphQL.
 * It answers the one question that a look asks; everything else is passed on as it came.
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
    const { query, variables } = JSON.parse(body) as { query: string; variables: { ids: string[] } }
    if (history.silent || !query.includes('PullHistory')) return { errors: [{ message: 'Not here' }] }
    const nodes = history.rebased === null ? [] : [{ createdAt: history.rebased }]
    return {
      data: {
        repository: { pullRequest: { timelineItems: { nodes } } },
        nodes: variables.ids.map((id) => node(id)),
      },
    }
  }
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      if (request.url === '/graphql')
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer(body.toString())))
      const { host: _host, 'transfer-encoding': _coding, ...headers } = request.headers
      const on = http.request(behind + request.url, { method: request.method ?? 'GET', headers }, (came) => {
        response.writeHead(came.statusCode ?? 502, came.headers)
        came.pipe(response)
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
