/**
 * How do bytes get from the runner that holds them to the reviewer who waits?
 * In transit only: an order tells the runner to PUT them to this replica, which passes them on. They touch no table.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { gathering } from '@viewportai/core/wire/gather'
import { leftAtMost, LeftSummary } from '@viewportai/core/wire/left'
import type { Order } from '@viewportai/core/wire/messages'
import { inWorkspace } from '../database/tenant.ts'
import type { BodyAsk, BodyPort, LeftAsk, LogAsk } from '../body-port.ts'
import { freshId } from '../fresh-id.ts'
import { Refused } from '../http/problem.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { giveOrder } from './orders.ts'
import { storedBody, storedLog } from './stored.ts'

type Waiting = { workspace: string; runner: string; arrived(request: FastifyRequest, reply: FastifyReply): void }
/** Bytes of one request of the runner; `cut`: it was ended here, the rest is asked for anew. */
type Piece = { bytes: AsyncIterable<Uint8Array>; cut(): boolean }
type Serve = Extract<Order, { order: 'serve' }>

/** The transfers this replica waits for. */
export class Transfers {
  private readonly waiting = new Map<string, Waiting>()

  /** `PUT /wire/transfers/:transfer`: passes the runner's bytes to whoever waits; 404 when nobody does any more. */
  take(known: KnownRunner, transfer: string, request: FastifyRequest, reply: FastifyReply): Refusal | null {
    const waiting = this.waiting.get(transfer)
    if (!waiting || waiting.runner !== known.runner || waiting.workspace !== known.workspace)
      return refuse('not_found', { what: 'transfer', id: transfer })
    this.waiting.delete(transfer)
    waiting.arrived(request, reply)
    return null
  }

  /** The port the API reads bodies and logs through. */
  port(context: WireContext): BodyPort {
    return {
      askLeft: (ask) => this.left(context, ask),
      fetchBody: async (ask) =>
        (await storedBody(context.db, ask)) ??
        this.inPieces(context, ask, { what: { digest: ask.digest }, length: ask.length, follow: false }),
      followLog: async (ask) =>
        (await storedLog(context.db, ask)) ??
        this.inPieces(context, ask, {
          what: { log: { step: ask.step, attempt: ask.attempt } },
          length: null,
          follow: ask.follow,
        }),
    }
  }

  /** Reads what the runner says of its ledger. What has another form is an answer of a runner that is broken or lies. */
  private async left(context: WireContext, ask: LeftAsk): Promise<LeftSummary | Refusal> {
    const piece = await this.fromRunner(context, ask, { what: { left: true }, offset: 0, length: null, follow: false })
    if (isRefusal(piece)) return piece
    const gathered = gathering(leftAtMost)
    let fits = true
    for await (const part of piece.bytes) fits = gathered.take(part)
    if (!fits) return refuse('runner_unreadable', { what: 'what left it' })
    const read = LeftSummary.safeParse(jsonIn(gathered.text()))
    return read.success ? read.data : refuse('runner_unreadable', { what: 'what left it' })
  }

  /** What takes long comes in pieces, so that no request of a runner lives longer than the server lets requests live. */
  private async inPieces(
    context: WireContext,
    ask: BodyAsk | LogAsk,
    wanted: Pick<Serve, 'what' | 'length' | 'follow'>,
  ): Promise<AsyncIterable<Uint8Array> | Refusal> {
    const end = wanted.length === null ? null : ask.offset + wanted.length
    const piece = (offset: number): Promise<Piece | Refusal> =>
      this.fromRunner(context, ask, { ...wanted, offset, length: end === null ? null : end - offset })
    const first = await piece(ask.offset)
    if (isRefusal(first)) return first
    return (async function* () {
      let at = ask.offset
      for (let now = first; ;) {
        for await (const chunk of now.bytes) {
          at += chunk.length
          yield chunk
        }
        if (!now.cut() || ask.signal.aborted || at === end) return
        const next = await piece(at)
        if (isRefusal(next)) throw new Refused(next) // the rest did not come: what came must not look like the whole
        now = next
      }
    })()
  }

  private async fromRunner(
    context: WireContext,
    ask: BodyAsk | LogAsk | LeftAsk,
    wanted: Pick<Serve, 'what' | 'offset' | 'length' | 'follow'>,
  ): Promise<Piece | Refusal> {
    const transfer = freshId('xfer')
    const holder = await inWorkspace(context.db, ask.workspace, async (tx) => {
      const { rows } = await tx.query<{
        runner: string
        name: string
        online: boolean
        seen_at: number | null
        state: string
      }>(
        'select r.runner, r.name, r.online, r.seen_at, r.state from vp.runs n join vp.runners r on r.workspace = n.workspace and r.runner = n.runner where n.workspace = $1 and n.run = $2',
        [tx.workspace, ask.run],
      )
      return rows[0] ?? null
    })
    if (!holder)
      return refuse('not_found', {
        what: 'body',
        id: 'digest' in ask ? ask.digest : 'step' in ask ? ask.step : 'what left',
      })
    const away = (): Refusal =>
      refuse('body_away', {
        runner: holder.name,
        since: holder.seen_at === null ? 'it was paired' : new Date(holder.seen_at).toISOString(),
        seenAt: holder.seen_at,
      })
    if (!holder.online || holder.state === 'removed') return away()
    const arrived = this.expect(
      transfer,
      { workspace: ask.workspace, runner: holder.runner },
      context.bodyMillis,
      ask.signal,
    )
    await inWorkspace(context.db, ask.workspace, (tx) =>
      giveOrder(
        tx,
        holder.runner,
        {
          order: 'serve',
          run: ask.run,
          transfer,
          to: `${context.replicaUrl}/wire/transfers/${transfer}`,
          ...wanted,
        },
        context.bodyMillis,
      ),
    )
    const got = await arrived
    if (got === null) return away()
    const absent = got.request.headers['viewport-absent'] // the runner says the same way that it has nothing to send
    if (absent !== undefined) {
      void got.reply.code(204).send()
      if (absent === 'range') return refuse('offset_gap', { expected: 0 })
      return absent === 'policy'
        ? refuse('runner_refused', { what: 'to show this', rule: 'leaves.serve' })
        : refuse('not_found', { what: 'body', id: `on ${holder.name}` })
    }
    let cut = false
    const timer = setTimeout(() => {
      cut = true
      got.request.raw.destroy()
    }, context.pieceMillis)
    return {
      bytes: this.passOn(
        context,
        ask,
        got,
        () => cut,
        () => clearTimeout(timer),
      ),
      cut: () => cut,
    }
  }

  private expect(
    transfer: string,
    from: { workspace: string; runner: string },
    millis: number,
    signal: AbortSignal,
  ): Promise<{ request: FastifyRequest; reply: FastifyReply } | null> {
    return new Promise((resolve) => {
      const end = (value: { request: FastifyRequest; reply: FastifyReply } | null): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', gone)
        this.waiting.delete(transfer)
        resolve(value)
      }
      const gone = (): void => end(null)
      const timer = setTimeout(gone, millis)
      signal.addEventListener('abort', gone)
      this.waiting.set(transfer, { ...from, arrived: (request, reply) => end({ request, reply }) })
      if (signal.aborted) gone()
    })
  }

  private async *passOn(
    context: WireContext,
    ask: BodyAsk | LogAsk | LeftAsk,
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
    cut: () => boolean,
    over: () => void,
  ): AsyncIterable<Uint8Array> {
    const stop = (): void => void request.raw.destroy()
    ask.signal.addEventListener('abort', stop)
    let bytes = 0
    try {
      for await (const chunk of request.raw as AsyncIterable<Uint8Array>) {
        bytes += chunk.length
        yield chunk
      }
      if (!cut()) void reply.code(204).send()
    } catch (error) {
      if (!cut()) throw error
    } finally {
      over()
      ask.signal.removeEventListener('abort', stop)
      if (!request.raw.readableEnded) request.raw.destroy()
      // A list of what left is none of the bytes that reviewers were served.
      if ('offset' in ask)
        await served(context, ask, bytes).catch((error: Error) =>
          context.log.warn({ err: error }, 'What was served could not be counted.'),
        )
    }
  }
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What was shown to reviewers, for "what left the machine". */
const served = (context: WireContext, ask: BodyAsk | LogAsk, bytes: number): Promise<unknown> =>
  inWorkspace(context.db, ask.workspace, (tx) =>
    tx.query(
      'insert into vp.served (workspace, run, times, bytes) values ($1, $2, 1, $3) on conflict (workspace, run) do update set times = vp.served.times + 1, bytes = vp.served.bytes + excluded.bytes',
      [tx.workspace, ask.run, bytes],
    ),
  )
