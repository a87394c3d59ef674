/** A front before a provider, for tests: it counts what is asked, and at one request it breaks off before or after the provider did it. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export type Seen = { readonly method: string; readonly path: string; readonly headers: http.IncomingHttpHeaders }
/** `before`: the provider sees nothing; `after`: it did it, and nobody hears; `slow`: it did it and answers after so long (ms). */
export type Break = {
  readonly is: (one: Seen) => boolean
  readonly when: 'before' | 'after' | { readonly slow: number }
}

/** Stands between where the provider's own program lacks what the real one has: what it is asked, and what it answered. */
export type Between = { asked(body: string): string; answered(body: string, answer: string): string | void }

export const openFront = async (to: string, between?: Between) => {
  const seen: Seen[] = []
  const breaks: Break[] = []
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => void pass(request, Buffer.concat(parts), response).catch(() => response.destroy()))
  })
  const pass = async (request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): Promise<void> => {
    const one = { method: request.method!, path: request.url!, headers: request.headers }
    seen.push(one)
    const at = breaks.findIndex(({ is }) => is(one))
    const when = at < 0 ? null : breaks.splice(at, 1)[0]!.when
    if (when === 'before') return void response.destroy()
    const { host: _, connection: __, 'content-length': ___, 'accept-encoding': ____, ...headers } = request.headers
    const came = await fetch(to + request.url!, {
      method: request.method!,
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body: between ? between.asked(body.toString('utf8')) : new Uint8Array(body) }),
    })
    const text = await came.text()
    const told = between?.answered(body.toString('utf8'), text) ?? text
    if (when === 'after') return void response.destroy()
    if (when) await new Promise((done) => setTimeout(done, when.slow))
    response.writeHead(came.status, { 'content-type': came.headers.get('content-type') ?? 'text/plain' })
    response.end(came.status === 204 ? undefined : told)
  }
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    writes: () => seen.filter(({ method }) => method !== 'GET').length,
    break: (one: Break) => void breaks.push(one),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
