// The way between runners and a control plane, which goes wrong on demand. It works on connections and on the requests in them; what
// is upgraded (a WebSocket) passes as bytes. It notes what passed, and writes down every byte of it.
import { createWriteStream } from 'node:fs'
import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { halfOpenMillis, madeUp, type WholeAnswer, type WireFault } from './wire-faults.ts'
import { readRequest, type WireRequest } from './wire-request.ts'

/**
 * What happened with one request. `sent`, `at`: when it went on and when its answer came (monotonic milliseconds); status 0: none came.
 * `sealed`: it came by relay, so nothing on the way could know.
 */
export type Passed = WireRequest & {
  sealed: boolean
  sent: number
  at: number
  status: number
  said: Record<string, unknown>
  repeat: boolean
}
/** A place on the way of a request: before it goes on, or when its answer has come. `offer` is an answer that gives work. */
export type Place = {
  moment: string
  side: 'before' | 'after'
  request: WireRequest
  run: string | null
  sealed: boolean
}
export type Partition = { x: string | null; way: 'both' | 'to' | 'from'; until: number }

export type Proxy = {
  url: string
  passed: readonly Passed[]
  /** Where requests go from now on; null: nothing listens there. */
  lead(port: number | null): void
  /** Who is told of every moment, waited for before the request or its answer goes on; it may name a fault. */
  listen(at: (place: Place) => Promise<WireFault | null>): void
  /** Takes note of what came by relay, and tells the one who listens. */
  note(one: Passed): void
  part(partition: Partition): void
  runOf(lease: string): string | null
  close(): Promise<void>
}

/** Opens it on a free port of 127.0.0.1. `trace`: the file that gets every byte. */
export async function openProxy(trace: string): Promise<Proxy> {
  const book = createWriteStream(trace, { mode: 0o600 })
  const agent = new Agent({ keepAlive: true })
  const passed: Passed[] = []
  const leases = new Map<string, string>()
  const open = new Set<Socket>()
  let partitions: Partition[] = []
  let port: number | null = null
  let tell: (place: Place) => Promise<WireFault | null> = async () => null

  const cutOff = (x: string | null): Partition | undefined => {
    const now = performance.now()
    partitions = partitions.filter(({ until }) => until > now)
    return partitions.find((one) => one.x === null || one.x === x)
  }

  const learn = ({ what, status, said }: Passed): void => {
    if (what === 'ask' && status === 200) leases.set(String(said['lease']), String(said['run']))
  }

  const forward = (client: IncomingMessage, body: Buffer | null, left: AbortSignal): Promise<WholeAnswer> =>
    new Promise((resolve, reject) => {
      if (port === null) return reject(new Error('nothing listens'))
      const { method = 'GET', url = '/', headers } = client
      const onwards = send({ host: '127.0.0.1', port, method, path: url, headers, agent, signal: left }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('close', () => (response.complete ? undefined : reject(new Error('cut'))))
        response.on('end', () => {
          const { 'transfer-encoding': _, connection: __, ...kept } = response.headers
          resolve({ status: response.statusCode!, headers: kept as WholeAnswer['headers'], body: Buffer.concat(parts) })
        })
      })
      onwards.on('error', reject)
      book.write(`\n${method} ${url}\n${JSON.stringify(headers)}\n`)
      if (body !== null) {
        book.write(body)
        return void onwards.end(body)
      }
      client.on('data', (part: Buffer) => book.write(part)).pipe(onwards)
    })

  const carry = async (client: IncomingMessage, response: ServerResponse): Promise<void> => {
    const left = new AbortController()
    response.on('close', () => left.abort())
    const streamed = client.url!.startsWith('/wire/transfers/')
    const body = streamed ? null : await wholeOf(client)
    const request = readRequest(client, body)
    const run = request.run ?? (request.lease === null ? null : (leases.get(request.lease) ?? null))
    const moments = momentsOf(request)
    let fault: WireFault | null = null
    for (const moment of moments) fault = (await tell({ moment, side: 'before', request, run, sealed: false })) ?? fault

    const apart = cutOff(request.x)
    if (apart && apart.way !== 'from') return breakAt(client.socket, apart.until)
    const made = fault && madeUp(fault)
    if (made) return answerWith(response, made)
    if (fault === 'reset') return void client.socket.resetAndDestroy()
    if (fault === 'closed') return void client.socket.end()
    if (fault === 'silent') return breakAt(client.socket, performance.now() + halfOpenMillis)
    if (fault === 'silent for ever') return
    if (fault === 'late') await sleep(700)

    const once = async (repeat: boolean): Promise<WholeAnswer> => {
      const noted: Passed = {
        ...request,
        run,
        repeat,
        sealed: false,
        sent: performance.now(),
        at: Infinity,
        status: 0,
        said: {},
      }
      passed.push(noted)
      // Once it was sent it is carried out, whether or not somebody waits for the answer; a long poll ends with its client.
      const ends = ['ask', 'orders', 'transfer'].includes(request.what) ? left.signal : new AbortController().signal
      const answer = await forward(client, body, ends)
      const said = saidIn(answer)
      book.write(`${answer.status} ${JSON.stringify(answer.headers)}\n`)
      book.write(answer.body)
      Object.assign(noted, { at: performance.now(), status: answer.status, said })
      learn(noted)
      return answer
    }
    let answer: WholeAnswer
    try {
      answer = await once(false)
      if (fault === 'twice') await once(true).catch(() => {})
      if (fault === 'second-answer') answer = await once(true)
    } catch {
      return void client.socket.resetAndDestroy()
    }
    if (fault === 'replayed')
      void sleep(1_500)
        .then(() => once(true))
        .catch(() => {})

    const given = request.what === 'ask' && answer.status === 200 ? String(saidIn(answer)['run']) : null
    const after = [...moments, ...(given === null ? [] : ['offer'])]
    for (const moment of after)
      fault = (await tell({ moment, side: 'after', request, run: run ?? given, sealed: false })) ?? fault
    const apartNow = cutOff(request.x)
    if (apartNow) return breakAt(client.socket, apartNow.until)
    switch (fault) {
      case 'lost':
        return void client.socket.resetAndDestroy()
      case 'swallowed':
        return breakAt(client.socket, performance.now() + halfOpenMillis)
      case 'swallowed for ever':
        return
      case 'late-answer':
        await sleep(900)
        return answerWith(response, answer)
      case 'cut':
        response.writeHead(answer.status, { ...answer.headers, 'content-length': String(answer.body.length + 40) })
        response.write(answer.body.subarray(0, answer.body.length >> 1))
        await sleep(20)
        return void client.socket.destroy()
      case 'drip':
        response.writeHead(answer.status, answer.headers)
        for (let at = 0; at < answer.body.length; at += Math.ceil(answer.body.length / 8)) {
          response.write(answer.body.subarray(at, at + Math.ceil(answer.body.length / 8)))
          await sleep(60)
        }
        return void response.end()
      default:
        return answerWith(response, answer)
    }
  }

  const server = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 0 },
    (client, response) => {
      client.on('error', () => {})
      response.on('error', () => {})
      carry(client, response).catch(() => client.socket.destroy())
    },
  )
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy())
  })
  server.on('upgrade', (client: IncomingMessage, socket: Socket, first: Buffer) => {
    const { x } = readRequest(client, null)
    if (port === null) return void socket.resetAndDestroy()
    const onwards = connect(port, '127.0.0.1', () => {
      const head = client.rawHeaders.map((word, n) => (n % 2 ? `${word}\r\n` : `${word}: `)).join('')
      onwards.write(`${client.method} ${client.url} HTTP/1.1\r\n${head}\r\n`)
      onwards.write(first)
      pour(socket, onwards, () => cutOff(x) === undefined || cutOff(x)?.way === 'from')
      pour(onwards, socket, () => cutOff(x) === undefined || cutOff(x)?.way === 'to')
    })
    open.add(onwards)
    onwards.once('close', () => void (open.delete(onwards), socket.destroy())).on('error', () => socket.destroy())
    socket.once('close', () => onwards.destroy())
  })
  const pour = (from: Socket, to: Socket, passes: () => boolean): void => {
    from.on('data', (bytes: Buffer) => {
      book.write(bytes)
      if (passes()) to.write(bytes)
    })
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    lead: (to) => void (port = to),
    listen: (at) => void (tell = at),
    note(one) {
      passed.push(one)
      learn(one)
      const given = one.what === 'ask' && one.status === 200
      const run =
        one.run ?? (given ? String(one.said['run']) : one.lease === null ? null : (leases.get(one.lease) ?? null))
      if (run === null) return
      for (const moment of [...momentsOf(one), ...(given ? ['offer'] : [])])
        void tell({ moment, side: 'after', request: one, run, sealed: true })
    },
    part: (partition) => void partitions.push(partition),
    runOf: (lease) => leases.get(lease) ?? null,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      agent.destroy()
      await closed
      await new Promise<void>((resolve) => book.end(resolve))
    },
  }
}

/** The names of the moments that a request is. */
const momentsOf = ({ what, reports }: WireRequest): string[] => [what, ...reports.map(({ type }) => `report:${type}`)]

/** What was sent into nothing: by then nobody on the way knows the connection any more. */
const breakAt = (socket: Socket, at: number): void => {
  const timer = setTimeout(() => socket.resetAndDestroy(), Math.max(0, at - performance.now()))
  socket.once('close', () => clearTimeout(timer))
}

const answerWith = (response: ServerResponse, { status, headers, body }: WholeAnswer): void => {
  if (response.destroyed) return
  response.writeHead(status, headers)
  response.end(body)
}

const wholeOf = async (client: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of client) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const saidIn = ({ body }: WholeAnswer): Record<string, unknown> => {
  try {
    return body[0] === 0x7b ? (JSON.parse(body.toString()) as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
