// A server of JSON in a tool's place, for want of a program of somebody else.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Json } from './api.ts'

/** Status, and what is told; null: nothing. */
export type Told = [status: number, body: unknown]
export type OwnServer = { url: string; close(): Promise<void> }

/** `answer`: its body is `{}` where none was sent. `isUs`: whether a request holds our credential; else it is answered with `stranger`. */
export async function openOwnServer(
  isUs: (headers: http.IncomingHttpHeaders) => boolean,
  stranger: object,
  answer: (method: string, url: URL, body: Json) => Told,
): Promise<OwnServer> {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      const [status, told] = isUs(request.headers)
        ? answer(request.method!, new URL(request.url!, 'http://x'), text === '' ? {} : (JSON.parse(text) as Json))
        : [401, stranger]
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(told === null ? undefined : JSON.stringify(told))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
