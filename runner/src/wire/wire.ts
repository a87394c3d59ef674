/**
 * What can a paired runner say to its control plane?
 * One function per message of core/wire/messages. Every one resolves with the answer or a refusal, and throws only Ended and faults.
 */
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import {
  BeatAnswer,
  HelloAnswer,
  KeysAnswer,
  Lease,
  Order,
  ReportAnswer,
  StoreAnswer,
  type AckRequest,
  type BeatRequest,
  type HelloRequest,
  type LeaseRequest,
  type OrdersRequest,
  type RefuseRequest,
  type ReportRequest,
} from '@viewportai/core/wire/messages'
import type { ErrandReport } from '@viewportai/core/wire/errand'
import type { LookReport } from '@viewportai/core/wire/look'
import type { OwnKey } from '../identity/key.ts'
import { call, type Ground, type Tokens } from './call.ts'
import { exchange, openLines, type Lines } from './exchange.ts'
import { keepLink, type LinkOptions, type LinkState } from '../relay/link.ts'
import { byRelay } from '../relay/lines.ts'
import { proofFor } from './proof.ts'
import { serverClock, type ServerClock } from './server-clock.ts'
import { tokensOf } from './token.ts'

/** What a caller may set for one message. */
export type Limits = { signal?: AbortSignal | undefined; timeoutMs?: number; maxPauseMs?: number }
/** A lease this version cannot read: it must be refused, not ignored, or it would come again and again. */
export type Unreadable = { unreadable: { lease: string; epoch: number; why: string } }
/** What a PUT of bytes ended with. */
export type Put = { status: number }

export type Wire = {
  readonly server: string
  readonly clock: ServerClock
  /** Why the control plane cannot be reached now and since when (wall clock ms), or null. */
  trouble(): { why: string; since: number } | null
  /** How requests go now: null when no relay was asked for. */
  relay(): LinkState | null
  /** Resolves when the relay was tried, if one was asked for: what comes after it goes by it where that is possible. */
  ready(): Promise<void>
  hello(request: z.infer<typeof HelloRequest>, limits?: Limits): Promise<z.infer<typeof HelloAnswer> | Refusal>
  /** How the control plane's key was changed since it began. */
  keys(limits?: Limits): Promise<z.infer<typeof KeysAnswer> | Refusal>
  lease(request: z.infer<typeof LeaseRequest>, limits?: Limits): Promise<Lease | Unreadable | null | Refusal>
  ack(lease: string, request: z.infer<typeof AckRequest>, limits?: Limits): Promise<Refusal | null>
  refuse(lease: string, request: z.infer<typeof RefuseRequest>, limits?: Limits): Promise<Refusal | null>
  beat(
    lease: string,
    request: z.infer<typeof BeatRequest>,
    limits?: Limits,
  ): Promise<{ answer: z.infer<typeof BeatAnswer>; sentAt: number } | Refusal>
  report(
    lease: string,
    request: z.infer<typeof ReportRequest>,
    limits?: Limits,
  ): Promise<z.infer<typeof ReportAnswer> | Refusal>
  orders(
    request: z.infer<typeof OrdersRequest>,
    limits?: Limits,
  ): Promise<{ orders: Order[]; unknown: string[] } | Refusal>
  /** How a look that was ordered goes, or ended. */
  look(look: string, report: LookReport, limits?: Limits): Promise<Refusal | null>
  /** What an errand brought. */
  errand(errand: string, report: ErrandReport, limits?: Limits): Promise<Refusal | null>
  storeBody(
    digest: string,
    about: { run: string; kind: string; media: string; bytes: number; offset: number },
    bytes: Uint8Array,
    limits?: Limits,
  ): Promise<z.infer<typeof StoreAnswer> | Refusal>
  storeLog(
    lease: string,
    about: { epoch: number; offset: number },
    bytes: Uint8Array,
    limits?: Limits,
  ): Promise<z.infer<typeof StoreAnswer> | Refusal>
  /** Streams bytes to an address an order named. One try: who waits for it is gone after a failure. */
  transfer(to: string, headers: Record<string, string>, bytes: Readable, limits?: Limits): Promise<Put | Refusal>
  close(): void
}

const transfersAtOnce = 16

/** Opens the wire of a paired runner. Nothing is sent before the first message. */
export const openWire = (options: {
  server: string
  runner: string
  key: OwnKey
  onTrouble?: (why: string | null) => void
  /** By a relay where that is possible; null: by polling. */
  relay?: Omit<LinkOptions, 'runner' | 'key' | 'now'> | null
}): Wire => {
  const closing = new AbortController()
  let trouble: { why: string; since: number } | null = null
  const { server, runner, key } = options
  const clock = serverClock()
  const link = options.relay ? keepLink({ ...options.relay, runner, key, now: clock.seconds }) : null
  const linesFor = (atMost?: number): Lines => openLines(atMost, link ? byRelay(link, server, atMost) : undefined)
  const ground: Ground = {
    server,
    key,
    lines: linesFor(),
    clock,
    closed: closing.signal,
    trouble(why) {
      if ((why === null) !== (trouble === null)) options.onTrouble?.(why)
      trouble = why === null ? null : { why, since: trouble?.since ?? Date.now() }
    },
  }
  // Served bytes go by lines of their own: many readers at once must not keep a beat waiting.
  const transferLines = linesFor(transfersAtOnce)
  const tokens = tokensOf(ground, runner)
  const say = <T>(path: string, body: unknown, answer: z.ZodType<T>, { signal, timeoutMs, maxPauseMs }: Limits = {}) =>
    call(ground, {
      path,
      body,
      answer,
      tokens,
      signal,
      ...(timeoutMs ? { timeoutMs } : {}),
      ...(maxPauseMs ? { pace: { firstMs: Math.min(250, maxPauseMs), maxMs: maxPauseMs } } : {}),
    })
  const of = (lease: string, what: string): string => `/wire/leases/${encodeURIComponent(lease)}/${what}`

  return {
    server,
    clock,
    trouble: () => trouble,
    relay: () => link?.state() ?? null,
    ready: async () => link?.tried,
    hello: async (request, limits) => something(await say('/wire/hello', request, z.object(HelloAnswer.shape), limits)),
    keys: async (limits) => something(await say('/wire/keys', {}, z.object(KeysAnswer.shape), limits)),
    async lease(request, limits) {
      const answer = await say('/wire/leases', request, z.unknown(), {
        timeoutMs: (request.waitSeconds + 10) * 1_000,
        ...limits,
      })
      return answer === null || isRefusal(answer) ? answer : readLease(answer)
    },
    ack: async (lease, request, limits) => orNull(await say(of(lease, 'ack'), request, z.unknown(), limits)),
    refuse: async (lease, request, limits) => orNull(await say(of(lease, 'refuse'), request, z.unknown(), limits)),
    async beat(lease, request, limits) {
      let sentAt = 0
      const body = async (): Promise<unknown> => {
        sentAt = performance.now() // of the try that succeeds: an earlier one may never have arrived
        return request
      }
      const answer = something(await say(of(lease, 'beat'), body, z.object(BeatAnswer.shape), limits))
      return isRefusal(answer) ? answer : { answer, sentAt }
    },
    report: async (lease, request, limits) =>
      something(await say(of(lease, 'reports'), request, z.object(ReportAnswer.shape), limits)),
    async orders(request, limits) {
      const answer = something(
        await say('/wire/orders', request, RawOrders, { timeoutMs: (request.waitSeconds + 10) * 1_000, ...limits }),
      )
      return isRefusal(answer) ? answer : readOrders(answer.orders)
    },
    look: async (look, report, limits) =>
      orNull(await say(`/wire/looks/${encodeURIComponent(look)}`, report, z.unknown(), limits)),
    errand: async (errand, report, limits) =>
      orNull(await say(`/wire/errands/${encodeURIComponent(errand)}`, report, z.unknown(), limits)),
    storeBody: (digest, { run, kind, media, bytes: total, offset }, bytes, limits) =>
      store(
        ground,
        tokens,
        `/wire/bodies/${digest}?${new URLSearchParams({ run, kind, media, bytes: String(total), offset: String(offset) })}`,
        bytes,
        limits,
      ),
    storeLog: (lease, { epoch, offset }, bytes, limits) =>
      store(
        ground,
        tokens,
        `${of(lease, 'log')}?${new URLSearchParams({ epoch: String(epoch), offset: String(offset) })}`,
        bytes,
        limits,
      ),
    transfer: (to, headers, bytes, limits) =>
      transfer({ ...ground, lines: transferLines }, tokens, to, headers, bytes, limits),
    close() {
      closing.abort()
      link?.close()
      ground.lines.close()
      transferLines.close()
    },
  }
}

const RawOrders = z.object({ orders: z.array(z.unknown()) })
const Named = z.looseObject({ id: z.string() })
const NamedLease = z.looseObject({ lease: z.string(), epoch: z.int().positive() })

/** Orders of kinds this version does not know are named, so that they are acknowledged and do not come for ever. */
const readOrders = (raw: unknown[]): { orders: Order[]; unknown: string[] } => {
  const read = raw.map((one) => Order.safeParse(one))
  return {
    orders: read.flatMap((one) => (one.success ? [one.data] : [])),
    unknown: raw.flatMap((one, at) => (read[at]?.success ? [] : (Named.safeParse(one).data?.id ?? []))),
  }
}

const readLease = (raw: unknown): Lease | Unreadable => {
  const read = Lease.safeParse(raw)
  if (read.success) return read.data
  const named = NamedLease.safeParse(raw)
  const [issue] = read.error.issues
  const why = `${issue?.path.join('.') || 'the lease'}: ${issue?.message}`
  if (named.success) return { unreadable: { lease: named.data.lease, epoch: named.data.epoch, why } }
  throw new Error(`The control plane sent a lease without a name: ${why}`)
}

const something = <T>(answer: T | null | Refusal): T | Refusal => {
  if (answer === null) throw new Error('The control plane answered with nothing where something was expected.')
  return answer
}
const orNull = (answer: unknown): Refusal | null => (isRefusal(answer) ? answer : null)

const store = async (
  ground: Ground,
  tokens: Tokens,
  path: string,
  bytes: Uint8Array,
  limits: Limits = {},
): Promise<z.infer<typeof StoreAnswer> | Refusal> =>
  something(
    await call(ground, {
      path,
      method: 'PUT',
      body: bytes,
      media: 'application/octet-stream',
      answer: z.object(StoreAnswer.shape),
      tokens,
      signal: limits.signal,
      timeoutMs: limits.timeoutMs ?? 60_000,
    }),
  )

const transfer = async (
  ground: Ground,
  tokens: Tokens,
  to: string,
  headers: Record<string, string>,
  bytes: Readable,
  limits: Limits = {},
): Promise<Put | Refusal> => {
  const signal = limits.signal ?? ground.closed
  const token = await tokens.get(signal)
  if (isRefusal(token)) return token
  const proof = await proofFor(ground.key, { method: 'PUT', url: to, token, now: ground.clock.seconds() })
  const answer = await exchange(ground.lines, {
    method: 'PUT',
    url: to,
    headers: { 'content-type': 'application/octet-stream', dpop: proof, authorization: `DPoP ${token}`, ...headers },
    body: bytes,
    timeoutMs: limits.timeoutMs ?? 60_000,
    signal,
  })
  return { status: answer.status }
}
