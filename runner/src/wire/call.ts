/**
 * How is one message sent until the control plane has decided about it?
 * Signs every try anew, tries again what is worth it (wire/retry.ts), gets a new token once after a 401, and turns a "no" into a refusal.
 */
import type { z } from 'zod'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { OwnKey } from '../identity/key.ts'
import { exchange, type Answer, type Lines } from './exchange.ts'
import { proofFor } from './proof.ts'
import { refusalIn, wordsOf } from './refused.ts'
import { isPassing, pause, pauseBefore, retryAfter, usualPace, whyAgain, type Pace } from './retry.ts'
import type { ServerClock } from './server-clock.ts'

/** What all messages of one runner to one control plane share. */
export type Ground = {
  readonly server: string
  readonly key: OwnKey
  readonly lines: Lines
  readonly clock: ServerClock
  /** Fires when the wire is closed: nothing is tried any more. */
  readonly closed: AbortSignal
  /** Told when a try failed (the reason), and null when one succeeded. */
  readonly trouble: (why: string | null) => void
}
/** Where tokens come from. `get` answers with a refusal when the control plane does not give one any more. */
export type Tokens = { get(signal?: AbortSignal): Promise<string | Refusal>; drop(token: string): void }

export type Message<T> = {
  readonly path: string
  readonly method?: 'POST' | 'PUT'
  /** A function is asked anew for every try. */
  readonly body: unknown | (() => Promise<unknown>)
  readonly answer: z.ZodType<T>
  /** Set when the body is bytes of this media type and not JSON. */
  readonly media?: string
  readonly tokens: Tokens | null
  readonly timeoutMs?: number
  readonly pace?: Pace
  readonly signal?: AbortSignal | undefined
  /** Tries at most; without it until the signal fires. */
  readonly tries?: number
}

/** Sends a message. Resolves with the parsed answer (null for 204) or a refusal; throws Ended when the signal fired, and the last NoAnswer when the tries ran out. */
export const call = async <T>(ground: Ground, message: Message<T>): Promise<T | null | Refusal> => {
  const { tokens, signal = ground.closed, pace = usualPace } = message
  let unauthorised = 0
  for (let n = 1; ; n++) {
    let why: string
    let asked: number | null = null
    try {
      const token = tokens ? await tokens.get(signal) : null
      if (isRefusal(token)) return token
      const body = typeof message.body === 'function' ? await (message.body as () => Promise<unknown>)() : message.body
      const answer = await sendOnce(ground, { ...message, body, signal }, token)
      if (answer.status === 401) {
        // The first one may be an expired token or a clock that is off: the answer's Date has just corrected that.
        if (token !== null) tokens?.drop(token)
        if (++unauthorised > 1) return refusalIn(answer)
        continue
      }
      unauthorised = 0 // two in a row say that we are not wanted; two with a restart in between do not
      const again = whyAgain(answer, true)
      if (again === null) {
        const read = readAnswer(answer, message.answer)
        if ('value' in read) {
          ground.trouble(null)
          return read.value
        }
        why = read.why
      } else why = again
      asked = retryAfter(answer.headers['retry-after'], ground.clock.seconds())
    } catch (error) {
      if (!isPassing(error) || (message.tries !== undefined && n >= message.tries)) throw error
      unauthorised = 0
      why = wordsOf(error)
    }
    if (message.tries !== undefined && n >= message.tries) return refuse('invalid', { where: message.path, why })
    ground.trouble(why)
    await pause(pauseBefore(n, pace, asked), signal)
  }
}

/** One try: a fresh proof, the token beside it. Notes the control plane's time. */
const sendOnce = async <T>(ground: Ground, message: Message<T>, token: string | null): Promise<Answer> => {
  const { method = 'POST', media, timeoutMs = 15_000, signal } = message
  const url = ground.server + message.path
  const proof = await proofFor(ground.key, { method, url, token, now: ground.clock.seconds() })
  const headers = {
    accept: 'application/json, application/problem+json',
    'content-type': media ?? 'application/json',
    dpop: proof,
    ...(token === null ? {} : { authorization: `DPoP ${token}` }),
  }
  const body = media ? (message.body as Uint8Array) : JSON.stringify(message.body)
  const answer = await exchange(ground.lines, { method, url, headers, body, timeoutMs, signal })
  ground.clock.note(answer.headers.date, answer.headAt)
  return answer
}

const readAnswer = <T>(answer: Answer, schema: z.ZodType<T>): { value: T | null | Refusal } | { why: string } => {
  if (answer.status === 204) return { value: null }
  if (answer.status >= 400) return { value: refusalIn(answer) }
  const read = schema.safeParse(JSON.parse(answer.text))
  if (read.success) return { value: read.data }
  const [issue] = read.error.issues
  return {
    why: `an answer this version of vpd does not understand (${issue?.path.join('.') || 'message'}: ${issue?.message})`,
  }
}
