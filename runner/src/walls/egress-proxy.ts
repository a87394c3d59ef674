/**
 * What answers when a program of a step wants to reach the internet?
 * A loopback proxy of vpd, one per step. Hosts that the owner of the machine named are reached, at the addresses their names have now, when these are
 * public; everything else is refused and said. A name is resolved once and its address used: it cannot point elsewhere between the look and the use.
 */
import { lookup } from 'node:dns/promises'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { kindOf } from '@viewportai/core/policy/addresses'
import { isNamed } from '@viewportai/core/policy/hosts'
import { plainHost } from './hosts.ts'

/** What is allowed. `near`: hosts that may be on this machine or its network. `doors`: ports of vpd's own, which programs sometimes ask a proxy for. */
export type EgressRules = {
  readonly hosts: readonly string[]
  readonly near: readonly string[]
  readonly doors: readonly number[]
}

export type Egress = { readonly port: number; close(): Promise<void> }

/** Starts it on a free loopback port. `refused` is told of every host and why; `left` of every connection to a host when it ends, with the bytes that went there. */
export const startEgress = async (rules: EgressRules, refused: Refused, left: Left = () => {}): Promise<Egress> => {
  const sockets = new Set<Duplex>()
  const keep = (socket: Duplex): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer(
    { maxHeaderSize: 16_384 },
    (asked, answer) => void plain(rules, refused, keep, left, asked, answer),
  )
  server.on('connection', keep)
  server.on(
    'connect',
    (asked: IncomingMessage, socket: Duplex, head: Buffer) =>
      void tunnel(rules, refused, keep, left, asked, socket, head),
  )
  server.on('upgrade', (_asked: IncomingMessage, socket: Duplex) =>
    socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n'),
  )
  await new Promise<void>((ready, fail) => server.once('error', fail).listen(0, '127.0.0.1', ready))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

type Refused = (host: string, port: number, why: string) => void
type Left = (host: string, port: number, bytes: number) => void
type Way = { readonly address: string; readonly port: number } | { readonly why: string }

/** Where a host is reached, or why not. */
export const wayTo = async (rules: EgressRules, host: string, port: number): Promise<Way> => {
  const name = plainHost(host)
  if (name === null || !(port > 0 && port < 65_536)) return { why: 'it is no host and port' }
  if ((name === '127.0.0.1' || name === 'localhost') && rules.doors.includes(port))
    return { address: '127.0.0.1', port }
  if (!isNamed(name, port, rules.hosts)) return { why: 'it is not among the hosts that this step may reach' }
  const found = await lookup(name, { all: true }).catch(() => [])
  if (found.length === 0) return { why: 'its name is not known' }
  const near = isNamed(name, port, rules.near)
  const wrong = found.find(({ address }) => {
    const kind = kindOf(address)
    return kind === 'never' || (kind === 'private' && !near)
  })
  if (wrong) return { why: `its name leads to ${wrong.address}, which is not on the public internet` }
  return { address: found[0]?.address ?? '', port }
}

const words = (host: string, port: number, why: string): string => `vpd: ${host}:${port} is refused: ${why}\n`

/** CONNECT host:port, for https. What goes through is not looked at. */
const tunnel = async (
  rules: EgressRules,
  refused: Refused,
  keep: (socket: Duplex) => void,
  left: Left,
  asked: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> => {
  const [, host = '', port = ''] = /^(.{1,255}):(\d{1,5})$/.exec(asked.url ?? '') ?? []
  const way = await wayTo(rules, host, Number(port))
  if ('why' in way) {
    refused(host, Number(port), way.why)
    const text = words(host, Number(port), way.why)
    socket.end(
      `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    )
    return
  }
  const there: Socket = net.connect({ host: way.address, port: way.port, noDelay: true })
  keep(there)
  let open = false
  there.once('connect', () => {
    open = true
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) there.write(head)
    there.pipe(socket)
    socket.pipe(there)
  })
  there.once('error', () =>
    open ? socket.destroy() : socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n'),
  )
  there.once('close', () => {
    socket.end()
    if (open && !rules.doors.includes(Number(port))) left(host, Number(port), there.bytesWritten)
  })
  socket.once('close', () => there.destroy())
}

/** Headers that belong to one connection and are not passed on. */
const ofConnection = new Set([
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
])

/** `GET http://host/…`: passed on with the host of the address, whatever its headers say. */
const plain = async (
  rules: EgressRules,
  refused: Refused,
  keep: (socket: Duplex) => void,
  left: Left,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> => {
  const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : null
  const port = Number(url?.port || 80)
  const way: Way =
    url?.protocol === 'http:'
      ? await wayTo(rules, url.hostname, port)
      : { why: 'it is not an address that a proxy is asked for' }
  if ('why' in way || !url) {
    const why = 'why' in way ? way.why : ''
    refused(url?.hostname ?? (asked.url ?? '').slice(0, 100), port, why)
    answer
      .writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      .end(words(url?.hostname ?? '', port, why))
    return
  }
  const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !ofConnection.has(name)))
  const passed = request(
    {
      host: way.address,
      port: way.port,
      method: asked.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host },
      agent: false,
    },
    (found) => {
      answer.writeHead(
        found.statusCode ?? 502,
        Object.fromEntries(Object.entries(found.headers).filter(([name]) => !ofConnection.has(name))),
      )
      found.pipe(answer)
    },
  )
  passed.on('socket', (socket) => {
    keep(socket)
    socket.once('close', () => {
      if (!rules.doors.includes(port)) left(url.hostname, port, socket.bytesWritten)
    })
  })
  passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
  answer.once('close', () => passed.destroy())
  asked.pipe(passed)
}
