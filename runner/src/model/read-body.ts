/** How is the body of a request taken in, so that no agent can fill the memory of vpd? */
import { gunzipSync } from 'node:zlib'
import type { IncomingMessage } from 'node:http'
import { gathering } from '@viewportai/core/wire/gather'
import { asBuffer } from '../process/as-buffer.ts'

/** Longer requests are refused: providers take no longer ones. */
export const bodyAtMost = 40 * 1024 * 1024
/** All requests of one step that are being read or are under way hold at most so much together. */
export const heldAtMost = 160 * 1024 * 1024

/** How much the requests of a step hold now. */
export type Held = { bytes: number }

/** The body, or why it is not taken. What it counts in `held` is given back by the caller. */
export const readBody = async (
  request: IncomingMessage,
  held: Held,
  mine: Held,
): Promise<Buffer | { refused: number }> => {
  const told = Number(request.headers['content-length'] ?? 0)
  if (told > bodyAtMost) return { refused: 413 }
  const gathered = gathering(bodyAtMost)
  for await (const part of request as AsyncIterable<Buffer>) {
    mine.bytes += part.length
    held.bytes += part.length
    if (held.bytes > heldAtMost) return { refused: 503 }
    if (!gathered.take(part)) return { refused: 413 }
  }
  return asBuffer(gathered.whole())
}

/** The model that a request names, for a guess of its price; null where it cannot be seen. In Gemini's requests it stands in the path. */
export const modelIn = (body: Buffer, path: string): string | null => {
  const inPath = /\/models\/([^/:?]+)/.exec(path)?.[1]
  if (inPath) return inPath
  const at = body.indexOf('"model"')
  if (at < 0) return null
  return /^"model"\s{0,4}:\s{0,4}"([^"\\]{1,200})"/.exec(body.toString('utf8', at, at + 300))?.[1] ?? null
}

/** The bytes as they were before they were packed; null for a packing that is not known. Throws for one that is broken or too large. */
export const unpacked = (body: Buffer, encoding: string | undefined): Buffer | null =>
  encoding === undefined || encoding === 'identity'
    ? body
    : encoding === 'gzip'
      ? gunzipSync(body, { maxOutputLength: bodyAtMost })
      : null

/**
 * Makes sure that the answer to a request tells what it uses. A streamed chat tells it only when it is asked to: it is asked here. An answer that is
 * made in the background would be used up unseen, and is refused. Anything else stays as it was; null means that it cannot be read, so that what
 * it uses would not be known.
 */
export const askForUsage = (
  body: Buffer,
  encoding: string | undefined,
  form: 'chat' | 'response',
): { body: Buffer; changed: boolean } | { refused: string } | null => {
  const same = { body, changed: false }
  try {
    const plain = unpacked(body, encoding)
    if (!plain) return null
    const asked: unknown = JSON.parse(plain.toString('utf8'))
    if (typeof asked !== 'object' || asked === null) return same
    // Written anew wherever it matters: of a name that stands there twice, another reader could take the other value.
    const anew = (value: object) => ({ body: Buffer.from(JSON.stringify(value)), changed: true })
    if (form === 'response') {
      if (!('background' in asked)) return same
      return asked.background === false || asked.background === null
        ? anew(asked)
        : { refused: 'an answer in the background is not let through, because nobody could tell what it uses' }
    }
    if (!('stream' in asked)) return same
    if (asked.stream !== true) return anew(asked)
    const options = 'stream_options' in asked ? asked.stream_options : undefined
    const told = typeof options === 'object' && options !== null ? options : {}
    return anew({ ...asked, stream_options: { ...told, include_usage: true } })
  } catch {
    return null
  }
}
