/**
 * How does vpd talk with an agent whose messages are JSON-RPC, one per line?
 * Requests both ways over standard input and output. A line that is no message is only output; when the stream ends every question that waits,
 * in either direction, is over: nothing hangs on a program that is gone.
 */
import { z } from 'zod'
import { lineSplitter } from '../process/lines.ts'

const Id = z.union([z.string(), z.number()])
const Message = z.object({
  id: Id.nullish(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number().optional(), message: z.string(), data: z.unknown().optional() }).optional(),
})

/** The other side said no to a request. */
export class PeerRefused extends Error {
  override readonly name = 'PeerRefused'
  readonly code: number | null
  readonly data: unknown
  constructor(method: string, error: { code?: number | undefined; message: string; data?: unknown }) {
    super(`${method}: ${error.message}`)
    this.code = error.code ?? null
    this.data = error.data
  }
}

/** The stream ended before an answer came. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone'
}

/** What this side does with what comes. */
export type PeerSide = {
  /** Writes text to the program. */
  write(text: string): void
  /** Answers a request of the program; what it throws becomes an error for the program. */
  request(method: string, params: unknown): Promise<unknown>
  /** Told in the order in which the program said it. */
  notification(method: string, params: unknown): void
  /** A line that is no message. */
  noise(line: string): void
}

export type Peer = {
  /** Asks the program. Rejects with PeerRefused or PeerGone. */
  ask(method: string, params: unknown): Promise<unknown>
  tell(method: string, params?: unknown): void
  /** Bytes from the program's standard output. */
  read(bytes: Uint8Array): void
  /** Nothing comes any more: what waits is rejected, what comes late is not answered. */
  end(): void
}

/** Most characters of one message: a tool's whole output may be in it. */
const longest = 8_000_000

/** One side of the talk. `version`: `jsonrpc: "2.0"` on every message, as the standard wants it; some programs leave it out. */
export const peer = (handlers: PeerSide, { version }: { version: boolean }): Peer => {
  const waiting = new Map<number, { method: string; done(result: unknown): void; fail(error: Error): void }>()
  let last = 0
  let over = false
  const send = (message: object): void => {
    if (!over) handlers.write(`${JSON.stringify(version ? { jsonrpc: '2.0', ...message } : message)}\n`)
  }
  const answer = async (id: string | number, method: string, params: unknown): Promise<void> => {
    try {
      send({ id, result: (await handlers.request(method, params)) ?? null })
    } catch (error) {
      const refused = error instanceof PeerRefused ? error : null
      send({
        id,
        error: { code: refused?.code ?? -32_603, message: error instanceof Error ? error.message : 'failed' },
      })
    }
  }
  const take = (line: string): void => {
    const { data: message } = Message.safeParse(parsed(line))
    if (!message) return handlers.noise(line)
    const { id, method } = message
    if (method !== undefined && id !== undefined && id !== null) return void answer(id, method, message.params)
    if (method !== undefined) return handlers.notification(method, message.params)
    const one = typeof id === 'number' ? waiting.get(id) : undefined
    if (!one || typeof id !== 'number') return handlers.noise(line)
    waiting.delete(id)
    if (message.error) one.fail(new PeerRefused(one.method, message.error))
    else one.done(message.result)
  }
  const lines = lineSplitter(
    ({ text, cut }) => (cut ? handlers.noise('[a message that is too long]') : text.trim() !== '' && take(text)),
    longest,
  )
  return {
    ask: (method, params) =>
      new Promise((done, fail) => {
        if (over) return fail(new PeerGone(`${method}: the program has ended`))
        last += 1
        waiting.set(last, { method, done, fail })
        send({ id: last, method, params })
      }),
    tell: (method, params) => send(params === undefined ? { method } : { method, params }),
    read: (bytes) => lines.write(bytes),
    end: () => {
      if (over) return
      lines.end()
      over = true
      for (const one of waiting.values()) one.fail(new PeerGone(`${one.method}: the program ended without an answer`))
      waiting.clear()
    },
  }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
