// A front before emulate's GitHub, which keeps no git and makes up its commits: every branch of a real repository is brought into it, and real commits stand in the place of
// made-up ones in all that goes in and out.
import { execFileSync } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export type RealCommits = { url: string; close(): Promise<void> }

/** `hub`: the emulator's address. `remote`: the bare repository that acme/shop is there. `token`: of somebody who may write to it. */
export async function withRealCommits(hub: string, remote: string, token: string): Promise<RealCommits> {
  const realOf = new Map<string, string>()
  const madeUpOf = new Map<string, string>()
  const seen = new Map<string, string>()
  const note = (madeUp: string, real: string): void => {
    realOf.set(madeUp, real)
    madeUpOf.set(real, madeUp)
  }
  const tell = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ sha: string; object: { sha: string } }> => {
    const came = await fetch(`${hub}/repos/acme/shop/git${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!came.ok) throw new Error(`${method} ${path}: ${came.status} ${await came.text()}`)
    return (await came.json()) as { sha: string; object: { sha: string } }
  }
  const first = (await tell('GET', '/ref/heads/main')).object.sha

  /** Branches that were pushed since the last time. */
  const bring = async (): Promise<void> => {
    const words = ['--git-dir', remote, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads']
    for (const line of execFileSync('git', words, { encoding: 'utf8' }).trim().split('\n')) {
      const [ref = '', real = ''] = line.split(' ')
      if (seen.get(ref) === real) continue
      if (ref === 'refs/heads/main') note(first, real)
      else {
        const tree = await tell('POST', '/trees', {
          tree: [{ path: 'price.txt', mode: '100644', type: 'blob', content: real }],
        })
        const { sha } = await tell('POST', '/commits', { message: real, tree: tree.sha, parents: [first] })
        note(sha, real)
        await (seen.has(ref) ? tell('PATCH', `/${ref}`, { sha, force: true }) : tell('POST', '/refs', { ref, sha }))
      }
      seen.set(ref, real)
    }
  }
  const swapped = (text: string, by: ReadonlyMap<string, string>): string =>
    text.replace(/\b[0-9a-f]{40}\b/g, (sha) => by.get(sha) ?? sha)

  const pass = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = swapped(Buffer.concat(parts).toString('utf8'), madeUpOf)
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const came = await fetch(hub + swapped(request.url!, madeUpOf), {
      method: request.method!,
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    })
    const kept = ['content-type', 'link', 'etag', 'date'].flatMap((name) =>
      came.headers.has(name) ? [[name, came.headers.get(name)!] as const] : [],
    )
    response.writeHead(came.status, Object.fromEntries(kept)).end(swapped(await came.text(), realOf))
  }
  // One after the other: two requests at once would bring the same branch twice.
  let turn: Promise<unknown> = Promise.resolve()
  let closing = false
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    if (closing) return // what still waited for its turn: whoever asked was ended, and the repository goes next
    await bring()
    await pass(request, response)
  }
  const server = http.createServer((request, response) => {
    turn = turn
      .then(() => answer(request, response))
      .catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing = true
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await turn
    },
  }
}
