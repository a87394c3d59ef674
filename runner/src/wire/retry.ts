/**
 * Which answers mean "try again", and when?
 * Everything that a fault on the way, a restart or a proxy can cause is tried again with growing, random pauses; what the control plane decided is not.
 */
import { Ended, NoAnswer, type Answer } from './exchange.ts'

/** A pause grows from `firstMs` to `maxMs`; each one is drawn from its upper half, so that runners do not come back in step. */
export type Pace = { readonly firstMs: number; readonly maxMs: number }
export const usualPace: Pace = { firstMs: 250, maxMs: 15_000 }

/** How long to wait before try `n` (from 1), in milliseconds. `asked`: what Retry-After said, which counts up to a minute. */
export const pauseBefore = (
  n: number,
  pace: Pace,
  asked: number | null,
  random: () => number = Math.random,
): number => {
  const top = Math.min(pace.maxMs, pace.firstMs * 2 ** Math.min(n - 1, 20))
  return Math.max(top / 2 + random() * (top / 2), Math.min(asked ?? 0, 60_000))
}

/** Why this answer is to be tried again, or null. `json`: was JSON expected? A page in its place is a proxy's. */
export const whyAgain = (answer: Pick<Answer, 'status' | 'headers' | 'text'>, json: boolean): string | null => {
  const { status } = answer
  if (status >= 500 || status === 429 || status === 408 || status === 425) return `status ${status}`
  if (status >= 300 && status < 400)
    return `a redirect to ${answer.headers.location ?? 'nowhere'}, which is not followed`
  if (status < 200) return `status ${status}`
  if (status >= 400 || status === 204 || !json) return null
  return isJson(answer.text) ? null : `status ${status} with something that is not whole JSON`
}

/** Milliseconds of a Retry-After header (seconds, or a date judged by `nowSeconds`), or null. */
export const retryAfter = (header: string | undefined, nowSeconds: number): number | null => {
  if (header === undefined) return null
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isFinite(at) ? Math.max(0, at - nowSeconds * 1_000) : null
}

/** Waits, or throws Ended when the signal fires first. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Ended('ended while waiting'))
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(new Ended('ended while waiting'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

/** Is another try worth it after this error? */
export const isPassing = (error: unknown): boolean => error instanceof NoAnswer

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
