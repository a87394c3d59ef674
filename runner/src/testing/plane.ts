/**
 * A control plane for the tests of the loops: it speaks the wire over real sockets, reads every message with core's schemas,
 * and goes wrong on demand. It keeps everything in memory and decides nothing about runs.
 */
import { createHash, randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { isRefusal, refuse, statusOf, type Refusal } from '@viewportai/core/refusal'
import { formatPairingCode, pairingCodeFrom } from '@viewportai/core/wire/pairing-code'
import { keyWords } from '@viewportai/core/wire/key-words'
import {
  AckRequest,
  BeatRequest,
  HelloRequest,
  LeaseRequest,
  OrdersRequest,
  PairPoll,
  PairRequest,
  RefuseRequest,
  ReportRequest,
  type Capabilities,
  type Order,
  type PairState,
} from '@viewportai/core/wire/messages'
import {
  ErrandReport,
  errandClaims,
  errandGrantType,
  type Errand,
  type ErrandClaims,
} from '@viewportai/core/wire/errand'
import { LookReport, lookGrantType, type LookClaims, type LookOrder } from '@viewportai/core/wire/look'
import { CompactSign } from 'jose'
import type { z } from 'zod'
import { dropped, spoil, type FaultKind } from './faults.ts'
import { planeRelay, type PlaneRelay } from './plane-relay.ts'
import { newSigningKey, planeAuth, type Ed25519, type Shown, type SigningKey } from './plane-auth.ts'
import { planeLeases, type PlaneLeases, type Settings, type Work } from './plane-leases.ts'

export type Seen = { path: string; at: number; body: unknown; status: number }
export type Transfer = { bytes: Buffer; headers: http.IncomingHttpHeaders; ended: boolean }
type Pending = {
  code: string
  pairing: string
  key: Ed25519
  capabilities: Capabilities
  state: z.infer<typeof PairState>
}
export type Plane = {
  readonly url: string
  readonly key: SigningKey
  readonly settings: Settings
  readonly leases: PlaneLeases
  readonly runners: Map<string, Ed25519>
  readonly seen: Seen[]
  readonly hellos: z.infer<typeof HelloRequest>[]
  readonly transfers: Map<string, Transfer>
  readonly bodies: Map<string, Buffer>
  readonly pairings: Pending[]
  readonly relay: PlaneRelay
  /** Transfers that were begun, by whomever. */
  readonly tried: string[]
  /** Are bytes of transfers left unread? */
  slowTransfers(slow: boolean): void
  /** Plants faults for the next requests whose path holds `on`. */
  plant(on: string, ...kinds: FaultKind[]): void
  /** Takes back the faults planted there. */
  unplant(on: string): void
  /** Every request fails until it is healed: connections are cut. */
  cut(): void
  heal(): void
  /** Seconds the clock of this control plane is off against this machine's. */
  clockOff(seconds: number): void
  approve(pairing: Pending, runner: string, name: string): void
  order(order: Order): void
  /** Every order that was given. */
  readonly given: Order[]
  /** What the runner said about each look. One that is not here any more is refused. */
  readonly looks: Map<string, LookReport[]>
  /** Orders a look as the control plane would, with its grant; `claims` change what is signed. */
  look(order: Pick<LookOrder, 'url'> & Partial<LookOrder>, claims?: Partial<LookClaims>): Promise<string>
  /** What the runner brought back from each errand. */
  readonly errands: Map<string, ErrandReport[]>
  /** Gives an errand as the control plane would, with its grant; `claims` change what is signed. The errand. */
  errand(asks: Errand, claims?: Partial<ErrandClaims>): Promise<string>
  /** Orders that were acknowledged. */
  readonly ordersDone: string[]
  /** Runs that an ephemeral runner gave back. */
  readonly left: string[]
  /** The run has ended: whoever asks for its work is told. */
  finish(run: string, outcome: string): void
  work(work: Partial<Work> & Pick<Work, 'job'>): Work
  /** Waits until something is true; looks whenever something changed. */
  until<T>(what: () => T | false | null | undefined, ms?: number): Promise<T>
  /** Stops listening, as a restart would; `start` listens on the same port again with everything it knew. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts a control plane on a free port of the loopback. */
export const startPlane = async (settings: Partial<Settings> = {}): Promise<Plane> => {
  const key = await newSigningKey()
  const runners = new Map<string, Ed25519>()
  const all: Settings = {
    leaseSeconds: 2,
    beatSeconds: 1,
    grantSeconds: 60,
    tokenSeconds: 600,
    drain: false,
    successions: [],
    ...settings,
  }
  let off = 0
  const now = (): number => Math.floor(Date.now() / 1_000) + off
  const auth = planeAuth({ key, runners, now, tokenSeconds: () => all.tokenSeconds })
  const leases = planeLeases({ key, runners, settings: all, now })
  const faults: { on: string; kind: FaultKind }[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const orders: Order[] = []
  const seen: Seen[] = []
  const hellos: z.infer<typeof HelloRequest>[] = []
  const transfers = new Map<string, Transfer>()
  const bodies = new Map<string, Buffer>()
  const pairings: Pending[] = []
  const given: Order[] = []
  const ordersDone: string[] = []
  const looks = new Map<string, LookReport[]>()
  const errands = new Map<string, ErrandReport[]>()
  const finished = new Map<string, string>()
  const left: string[] = []
  const tried: string[] = []
  let partitioned = false
  let slow = false
  let url = ''
  const changed = (): void => waiting.forEach((look) => look())
  leases.events.changed = changed

  const give = (order: Order): void => {
    if (order.order === 'serve') transfers.set(order.transfer, { bytes: Buffer.alloc(0), headers: {}, ended: false })
    orders.push(order)
    given.push(order)
    changed()
  }

  const poll = async <T>(
    seconds: number,
    look: () => Promise<T | null>,
    request: IncomingMessage,
  ): Promise<T | null> => {
    for (const until = performance.now() + seconds * 1_000; ;) {
      if (request.socket.destroyed) return null
      const found = await look()
      if (found !== null) return found
      const rest = until - performance.now()
      if (rest <= 0) return null
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          waiting.delete(end)
          request.socket.off('close', end)
          resolve()
        }
        const timer = setTimeout(end, Math.min(rest, 200)) // leases also expire
        waiting.add(end)
        request.socket.on('close', end)
      })
    }
  }

  const answer = async (
    request: IncomingMessage,
    path: string,
    query: URLSearchParams,
    shown: Shown,
    bytes: Buffer,
  ): Promise<unknown> => {
    const body: unknown = request.headers['content-type'] === 'application/json' ? JSON.parse(bytes.toString()) : null
    if (path === '/healthz') return { viewport: '0.1.0' }
    if (path === '/wire/pairings') {
      const asked = PairRequest.parse(body)
      const proof = await auth.proof(shown, null)
      if (isRefusal(proof)) return proof
      const pairing: Pending = {
        pairing: `pair_${randomBytes(6).toString('hex')}`,
        code: formatPairingCode(pairingCodeFrom(randomBytes(64))),
        key: proof.key,
        capabilities: asked.capabilities,
        state: { state: 'waiting' },
      }
      pairings.push(pairing)
      changed()
      return {
        pairing: pairing.pairing,
        code: pairing.code,
        words: keyWords(proof.key),
        expiresInSeconds: 600,
        pollSeconds: 0,
        page: `${url}/pair`,
      }
    }
    if (path === '/wire/pairings/poll') {
      const proof = await auth.proof(shown, null)
      if (isRefusal(proof)) return proof
      const found = pairings.find((one) => one.pairing === PairPoll.parse(body).pairing && one.key.x === proof.key.x)
      return found?.state ?? refuse('pairing_unknown')
    }
    if (path === '/wire/token') return auth.token(shown, body)
    const runner = await auth.known(shown)
    if (isRefusal(runner)) return runner
    const look = /^\/wire\/looks\/([^/]+)$/.exec(path)?.[1]
    if (look !== undefined) {
      const said = looks.get(look)
      return said ? void said.push(LookReport.parse(body)) : refuse('not_found', { what: 'look', id: look })
    }
    const errand = /^\/wire\/errands\/([^/]+)$/.exec(path)?.[1]
    if (errand !== undefined) {
      const said = errands.get(errand)
      return said ? void said.push(ErrandReport.parse(body)) : refuse('not_found', { what: 'errand', id: errand })
    }
    const [, of = '', lease = '', what = ''] = /^\/wire\/(leases|bodies)\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    if (path === '/wire/hello') {
      const said = HelloRequest.parse(body)
      hellos.push(said)
      return {
        runner,
        name: `name of ${runner}`,
        pool: 'payments',
        keep: leases.hello(runner, said.holding),
        leaseSeconds: all.leaseSeconds,
        beatSeconds: all.beatSeconds,
        drain: all.drain,
      }
    }
    if (path === '/wire/keys') return { successions: all.successions }
    if (path === '/wire/leases') {
      const { run, ...asked } = LeaseRequest.parse(body)
      if (run !== undefined && asked.leave) return void left.push(run)
      return poll<unknown>(
        asked.waitSeconds,
        async () =>
          run !== undefined && finished.has(run)
            ? refuse('run_finished', { outcome: finished.get(run) })
            : leases.offer(runner, asked.request, run),
        request,
      )
    }
    if (path === '/wire/orders') {
      const asked = OrdersRequest.parse(body)
      ordersDone.push(...asked.done)
      for (const id of asked.done) orders.splice(orders.findIndex((one) => one.id === id) >>> 0, 1)
      return {
        orders: (await poll(asked.waitSeconds, async () => (orders.length ? [...orders] : null), request)) ?? [],
      }
    }
    if (of === 'leases' && what === 'ack') return leases.ack(runner, lease, AckRequest.parse(body).epoch)
    if (of === 'leases' && what === 'refuse') {
      const asked = RefuseRequest.parse(body)
      return leases.refuse(runner, lease, asked.epoch, asked.failure)
    }
    if (of === 'leases' && what === 'beat') return leases.beat(runner, lease, BeatRequest.parse(body))
    if (of === 'leases' && what === 'reports') {
      const asked = ReportRequest.parse(body)
      return missingBody(asked, bodies) ?? leases.report(runner, lease, asked)
    }
    if (of === 'leases' && what === 'log')
      return leases.storeLog(runner, lease, Number(query.get('epoch')), Number(query.get('offset')), bytes)
    if (of === 'bodies') return storeBody(bodies, lease, Number(query.get('offset')), Number(query.get('bytes')), bytes)
    return refuse('not_found', { what: 'address', id: path })
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('date', new Date(Date.now() + off * 1_000).toUTCString())
    const target = new URL(request.url ?? '/', url)
    const shown: Shown = { method: request.method ?? '', url: target.href, headers: request.headers }
    const planted = faults.findIndex(({ on }) => target.pathname.includes(on))
    const fault = planted < 0 ? null : faults.splice(planted, 1)[0]!.kind
    const transfer = /^\/wire\/transfers\/(.+)$/.exec(target.pathname)?.[1]
    if (transfer !== undefined) return takeTransfer(transfer, shown, request, response)
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const bytes = Buffer.concat(parts)
    const note: Seen = {
      path: target.pathname,
      at: performance.now(),
      body: request.headers['content-type'] === 'application/json' ? JSON.parse(bytes.toString()) : bytes,
      status: 0,
    }
    seen.push(note)
    if (fault && fault !== 'lost') {
      note.status = Number(fault) || -1
      changed()
      return spoil(fault, request, response)
    }
    const result = await answer(request, target.pathname, target.searchParams, shown, bytes)
    if (request.socket.destroyed) return
    note.status = isRefusal(result) ? statusOf(result.refusal) : result === null ? 204 : 200
    if (fault) return spoil(fault, request, response)
    send(response, result)
    changed()
  }

  const takeTransfer = async (
    id: string,
    shown: Shown,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    tried.push(id)
    changed()
    const known = await auth.known(shown)
    const transfer = transfers.get(id)
    if (isRefusal(known) || !transfer)
      return send(response, isRefusal(known) ? known : refuse('not_found', { what: 'transfer', id }))
    transfer.headers = request.headers
    changed()
    while (slow) await new Promise((resolve) => setTimeout(resolve, 20))
    const parts = [transfer.bytes]
    for await (const part of request) {
      parts.push(part as Buffer)
      if (parts.length < 100) transfer.bytes = Buffer.concat(parts)
      changed()
    }
    transfer.bytes = Buffer.concat(parts)
    transfer.ended = true
    send(response, null)
    changed()
  }

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(String(error))
    })
  })
  server.on('connection', (socket) => {
    if (partitioned) return dropped(socket)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  const relay = planeRelay(server, { key, runners, settings: all })
  const dropAll = (): void => sockets.forEach(dropped)
  await listen(0)
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`

  return {
    url,
    key,
    settings: all,
    leases,
    runners,
    seen,
    hellos,
    transfers,
    bodies,
    pairings,
    relay,
    tried,
    slowTransfers: (now) => void (slow = now),
    ordersDone,
    looks,
    async look(asked, claims = {}) {
      const [runner = ''] = runners.keys()
      const look = asked.look ?? `look_${given.length + 1}`
      const order = { id: `ord_${look}`, order: 'look' as const, look, branch: null, ...asked }
      const { url, branch } = order
      const exp = now() + all.grantSeconds
      const signed = new CompactSign(
        new TextEncoder().encode(JSON.stringify({ look, runner, url, branch, exp, ...claims })),
      ).setProtectedHeader({ alg: 'EdDSA', typ: lookGrantType, kid: key.kid })
      looks.set(look, [])
      give({ grant: await signed.sign(key.sign), ...order })
      return look
    },
    errands,
    async errand(asks, claims = {}) {
      const [runner = ''] = runners.keys()
      const errand = `errand_${given.length + 1}`
      const signed = new CompactSign(
        new TextEncoder().encode(
          JSON.stringify({ ...errandClaims(errand, runner, asks, now() + all.grantSeconds), ...claims }),
        ),
      ).setProtectedHeader({ alg: 'EdDSA', typ: errandGrantType, kid: key.kid })
      errands.set(errand, [])
      give({ id: `ord_${errand}`, order: 'errand', errand, asks, grant: await signed.sign(key.sign) })
      return errand
    },
    left,
    finish(run, outcome) {
      finished.set(run, outcome)
      changed()
    },
    plant: (on, ...kinds) => void faults.push(...kinds.map((kind) => ({ on, kind }))),
    unplant(on) {
      for (let at = faults.length - 1; at >= 0; at--) if (faults[at]!.on === on) faults.splice(at, 1)
    },
    cut() {
      partitioned = true
      dropAll()
    },
    heal: () => void (partitioned = false),
    clockOff: (seconds) => void (off = seconds),
    approve(pairing, runner, name) {
      runners.set(runner, pairing.key)
      pairing.state = {
        state: 'approved',
        runner,
        name,
        pool: 'payments',
        workspace: { id: 'ws_1', name: 'Acme Co.' },
        repositories: [],
        serverKeys: [key.public],
      }
    },
    order: give,
    given,
    work(work) {
      const whole: Work = {
        run: `run_${randomBytes(5).toString('hex')}`,
        step: 'implement',
        attempt: 1,
        bodies: 'edge',
        ...work,
      }
      leases.queue.push(whole)
      changed()
      return whole
    },
    async until<T>(what: () => T | false | null | undefined, ms = 30_000): Promise<T> {
      // A machine that stood still for seconds has let nobody get on: such a gap does not count.
      for (let [waited, last] = [0, performance.now()]; ;) {
        const found = what()
        if (found !== false && found !== null && found !== undefined) return found
        const now = performance.now()
        waited += Math.min(now - last, 500)
        last = now
        if (waited > ms)
          throw new Error(
            `waited ${ms} ms for ${what.toString()}; last requests: ${seen
              .slice(-8)
              .map((one) => `${one.path} ${one.status}`)
              .join(', ')}`,
          )
        await new Promise<void>((resolve) => {
          const look = (): void => {
            clearTimeout(timer)
            waiting.delete(look)
            resolve()
          }
          const timer = setTimeout(look, 20) // also for what changes outside of here
          waiting.add(look)
        })
      }
    },
    async stop() {
      dropAll()
      await new Promise((resolve) => server.close(resolve))
    },
    start: () => listen(port),
  }
}

const send = (response: ServerResponse, result: unknown): void => {
  if (result === null || result === undefined) {
    response.writeHead(204)
    return void response.end()
  }
  const refusal = isRefusal(result) ? (result as Refusal) : null
  response.writeHead(refusal ? statusOf(refusal.refusal) : 200, {
    'content-type': refusal ? 'application/problem+json' : 'application/json',
  })
  response.end(
    JSON.stringify(
      refusal
        ? {
            type: 'about:blank',
            title: refusal.refusal,
            status: statusOf(refusal.refusal),
            detail: refusal.words,
            code: refusal.refusal,
            next: refusal.next,
            facts: refusal.facts,
            errors: [],
          }
        : result,
    ),
  )
}

const storeBody = (
  bodies: Map<string, Buffer>,
  digest: string,
  offset: number,
  total: number,
  bytes: Buffer,
): unknown => {
  const have = bodies.get(digest) ?? Buffer.alloc(0)
  if (total === 0) bodies.set(digest, have)
  if (offset + bytes.length <= have.length) return { offset: have.length, complete: have.length === total }
  if (offset !== have.length) return refuse('offset_gap', { expected: have.length })
  const next = Buffer.concat([have, bytes])
  if (next.length === total && createHash('sha256').update(next).digest('hex') !== digest)
    return refuse('body_mismatch', { digest })
  bodies.set(digest, next)
  return { offset: next.length, complete: next.length === total }
}

/** A report may name a stored body only when it is there whole. */
const missingBody = (value: unknown, bodies: Map<string, Buffer>): Refusal | null => {
  if (typeof value !== 'object' || value === null) return null
  if ('home' in value && 'digest' in value && 'bytes' in value && value.home === 'stored')
    return bodies.get(String(value.digest))?.length === value.bytes
      ? null
      : refuse('log_incomplete', { have: bodies.get(String(value.digest))?.length ?? 0, want: value.bytes })
  for (const one of Object.values(value)) {
    const missing = missingBody(one, bodies)
    if (missing) return missing
  }
  return null
}
