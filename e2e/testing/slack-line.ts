// Socket Mode before emulate's Slack, which has none: the address is asked for, a line is opened, it says hello and tells what a test says. It is our own, written after Slack's public
// documentation: it shows that both sides of us fit, and nothing about Slack itself. Everything else goes on to the program.
import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import { openProviderProxy } from './provider-proxy.ts'

export type SlackLine = {
  url: string
  /** How many lines are open. */
  open(): number
  /** Tells of a message that mentions the app, over the line that was opened last. */
  mention(text: string): void
  /** Ends every line, as Slack does when Socket Mode is switched off there. */
  switchOff(): void
  close(): Promise<void>
}

/** `to`: the address of the program; `token`: of the app there. */
export const openSlackLine = async (to: string, token: string): Promise<SlackLine> => {
  const who = await fetch(`${to}/api/auth.test`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  const { team_id: team } = (await who.json()) as { team_id: string }
  const proxy = await openProviderProxy(to)
  const lines = new Set<Duplex>()
  let serial = 0
  const server = http.createServer((request, response) => {
    const own = request.url === '/api/apps.connections.open'
    if (own) {
      const { port } = server.address() as AddressInfo
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/line` }))
      request.resume()
      return
    }
    const on = http.request(
      proxy.url + request.url!,
      { method: request.method, headers: { ...request.headers, host: new URL(proxy.url).host } },
      (came) => {
        response.writeHead(came.statusCode!, came.headers)
        came.pipe(response)
      },
    )
    on.on('error', () => response.destroy())
    request.pipe(on)
  })
  server.on('upgrade', (request, socket: Duplex) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    lines.add(socket)
    socket.on('close', () => lines.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.resume() // what it acknowledges is not looked at here
    say(socket, { type: 'hello', connection_info: { app_id: 'A0VIEWPORT' } })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const tell = (payload: object): void => {
    const last = [...lines].at(-1)
    if (!last) throw new Error('no line is open')
    say(last, { type: 'events_api', envelope_id: `envelope-${++serial}`, payload, accepts_response_payload: false })
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => lines.size,
    mention: (text) =>
      tell({
        type: 'event_callback',
        team_id: team,
        api_app_id: 'A0VIEWPORT',
        event_id: `Ev${++serial}`,
        event_time: Math.floor(Date.now() / 1_000),
        event: { type: 'app_mention', user: 'U1', text, ts: `${Date.now() / 1_000}`, channel: 'C1', team },
      }),
    switchOff: () => lines.forEach((line) => say(line, { type: 'disconnect', reason: 'link_disabled' })),
    async close() {
      for (const line of lines) line.destroy()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await proxy.close()
    },
  }
}

/** One text frame, as a server sends it. */
const say = (line: Duplex, what: object): void => {
  const text = Buffer.from(JSON.stringify(what))
  const head =
    text.length < 126
      ? Buffer.from([0x81, text.length])
      : Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff])
  line.write(Buffer.concat([head, text]))
}
