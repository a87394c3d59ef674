/** How does an answer get from a provider to the agent, and what did it use? Byte by byte as it comes, no faster than the agent reads. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { countAnswer, type AnswerCount } from './count-answer.ts'
import { headersFrom } from './headers.ts'
import type { KeyKeeper } from './keep-key.ts'

export type Passed = {
  readonly count: AnswerCount
  readonly answered: boolean
  readonly bytes: number
  readonly whole: boolean
}

/** Passes the answer on. Resolves when it has ended, well or not. `grew` is called as its use becomes known. */
export const passOn = async (
  from: IncomingMessage,
  to: ServerResponse,
  keeper: KeyKeeper,
  grew: (count: AnswerCount) => void,
): Promise<Passed> => {
  const status = from.statusCode ?? 502
  const count = countAnswer(/event-stream/i.test(from.headers['content-type'] ?? ''))
  const filter = keeper.stream()
  const answered = status < 400
  let bytes = 0
  let looked = 0
  to.writeHead(status, headersFrom(from.headers, keeper.text))
  to.flushHeaders()
  const pass = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const part of source) {
      bytes += part.length
      const clean = filter.push(part)
      if (clean.length > 0) yield clean
      if (!answered) continue
      // Counted when the bytes are on their way.
      count.take(part)
      if ((count.counted.told && looked === 0) || count.pieces() - looked >= 32) {
        looked = Math.max(1, count.pieces())
        grew(count)
      }
    }
    yield filter.end()
  }
  const unpack = unpackerOf(from.headers['content-encoding'])
  const whole = await (unpack ? pipeline(from, unpack, pass, to) : pipeline(from, pass, to)).then(
    () => true,
    () => false, // cut off by the agent, the provider or the gateway; whoever is left sees the connection end
  )
  if (answered) count.end()
  return { count, answered, bytes, whole }
}

/** Can the answer be read? Packed in a way that nobody asked for it could neither be counted nor looked through. */
export const isReadable = ({ headers }: IncomingMessage): boolean => {
  const encoding = headers['content-encoding']
  return encoding === undefined || encoding === 'identity' || unpackerOf(encoding) !== null
}

const unpackerOf = (encoding: string | undefined): Transform | null => {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'br':
      return createBrotliDecompress()
    case 'deflate':
      return createInflate()
    default:
      return null
  }
}
