// A way to a model that can be held: a request that fits is passed on to nobody and gets no answer, so that whoever asked stands still there.
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Valve = {
  url: string
  /** From now on a request whose body fits is held. Resolves as soon as one is. */
  hold(fits: (body: string) => boolean): Promise<void>
  /** Nothing is held any more; what was held never gets its answer. */
  release(): void
  close(): void
}

/** Opens it in front of an address of loopback. */
export async function openValve(to: string): Promise<Valve> {
  let holding: { fits(body: string): boolean; held(): void } | null = null
  const carry = async (client: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of client) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    if (holding?.fits(body.toString())) return holding.held()
    const { method, headers, url } = client
    const onwards = send(new URL(url ?? '/', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onwards.on('error', () => response.destroy())
    response.on('close', () => onwards.destroy())
    onwards.end(body)
  }
  const server = createServer((client, response) => void carry(client, response).catch(() => response.destroy()))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (fits) => new Promise((held) => (holding = { fits, held })),
    release: () => void (holding = null),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
