/**
 * How is a tool asked with a credential that its owner keeps on this machine?
 * At the one address that was kept with it and nowhere else, whatever the work says; no redirect is followed, everything has a limit of time
 * and size, and what is sent is noted before it leaves.
 */
import { gathering } from '@viewportai/core/wire/gather'
import { crowdIn } from '@viewportai/core/wire/json-crowd'
import { NoWholeAnswer, NotSent, TooLong, type Outside } from '@viewportai/core/tools/outside'
import { struck } from '@viewportai/core/tools/struck'

type Ways = {
  /** The address that the credential belongs to. */
  readonly at: string
  /** When it fires nothing more is asked, and what runs is cut. */
  readonly signal: AbortSignal
  /** Told of each request before it is sent: where to, and how many bytes. */
  left(to: string, bytes: number): Promise<void>
}

const answerLimit = 8 * 1024 * 1024
const usualMillis = 20_000
/** Codes of a connection that never stood, so that nothing can have been sent. */
const neverStood = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** The way out for one credential. */
export const askOutside = ({ at, signal, left }: Ways): Outside => ({
  now: () => Date.now(),
  async ask({ method, url, headers = {}, body, timeoutMillis = usualMillis }) {
    const { origin, host } = new URL(url)
    if (origin !== new URL(at).origin)
      throw new NotSent(`${origin} is not where the credential kept on this runner belongs (${at})`)
    if (signal.aborted) throw new NotSent('the work was stopped')
    await left(origin, Buffer.byteLength(body ?? ''))
    const limit = AbortSignal.timeout(timeoutMillis)
    try {
      const answer = await fetch(url, {
        method,
        headers: { 'user-agent': 'Viewport', ...headers },
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, limit]),
      })
      const [said, text] = [Object.fromEntries(answer.headers), await textOf(answer, host)]
      return struck({ headers }, { status: answer.status, headers: said, text })
    } catch (error) {
      if (error instanceof NoWholeAnswer) throw error
      if (limit.aborted) throw new NoWholeAnswer(`${host}: no answer within ${timeoutMillis} ms`, { cause: error })
      if (signal.aborted) throw new NoWholeAnswer(`${host}: the work was stopped while it was asked`, { cause: error })
      const { code, message } = causeOf(error)
      const words = `${host}: ${code ?? message}`
      throw neverStood.has(code ?? '')
        ? new NotSent(words, { cause: error })
        : new NoWholeAnswer(words, { cause: error })
    }
  },
})

const textOf = async (answer: Response, host: string): Promise<string> => {
  const gathered = gathering(answerLimit)
  for await (const part of answer.body ?? [])
    if (!gathered.take(part)) throw new TooLong(`${host}: its answer is longer than ${answerLimit} bytes`)
  const text = gathered.text()
  const crowd = crowdIn(text)
  if (crowd !== null) throw new TooLong(`${host}: its answer has ${crowd}`)
  return text
}

/** What is below the one error that fetch throws for everything. */
const causeOf = (error: unknown): { code?: string; message: string } => {
  const { cause } = error as { cause?: unknown }
  return (cause ?? error) as { code?: string; message: string }
}
