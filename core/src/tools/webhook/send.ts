/**
 * How is a signed message sent to a webhook target? (Standard Webhooks 1.0)
 * Its id is the intent's: the specification has receivers drop a message whose id they had, which is how one that may have arrived is
 * told again. Nobody can be asked whether it did.
 */
import { trimmedEnd } from '../../trimmed.ts'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64 } from '../../packet/base64.ts'
import { bytesOf } from '../../packet/utf8.ts'
import { causeHeader, causeText, type Cause } from '../../event/cause.ts'
import { NotSent } from '../outside.ts'
import type { Action, Effect, Connection, Went } from '../port.ts'

export const send: Action = {
  blind: true,
  look: async () => ({ is: 'absent' }), // sending the same id again is what a receiver expects
  async carryOut(effect, connection, outside): Promise<Went> {
    const at = Math.floor(outside.now() / 1_000)
    const body = bodyOf(effect, at)
    try {
      const answer = await outside.ask({
        method: 'POST',
        url: connection.settings['url']!,
        headers: {
          'content-type': 'application/json',
          [causeHeader]: causeText(causeOf(effect)),
          ...signed(connection, effect.intent, at, body),
        },
        body,
      })
      return went(effect, answer)
    } catch (error) {
      if (error instanceof NotSent) return { is: 'later', why: (error as Error).message, afterMillis: 30_000 }
      return { is: 'unsure', why: (error as Error).message }
    }
  },
}

/** Whoever answers with an event of their own carries it back, so that runs which wake each other through them are counted. */
const causeOf = ({ run, depth = 1 }: Effect): Cause => ({ run, depth })

const bodyOf = (effect: Effect, at: number): string => {
  const { params, run, page } = effect
  return JSON.stringify({
    type: String(params['type']),
    timestamp: new Date(at * 1_000).toISOString(),
    cause: causeOf(effect),
    data: {
      run,
      url: page,
      ...(params['data'] === undefined || params['data'] === null ? {} : { data: params['data'] }),
    },
  })
}

const before = 'secret before '
/** Under which name an opened connection carries a secret of before that still signs. `at`: 0 is the newest of them. */
export const oldSecretName = (at: number): string => `${before}${at}`

/** One signature for each secret, the newest first: the specification has receivers take a message when one of them is theirs. */
const signed = ({ secrets }: Connection, id: string, at: number, body: string): Record<string, string> => {
  const all = [
    secrets['secret']!,
    ...Object.keys(secrets).flatMap((name) => (name.startsWith(before) ? secrets[name]! : [])),
  ]
  const signatures = all.map((secret) => {
    const key = keyIn(secret.replace(/^whsec_/, ''))
    return `v1,${toBase64(hmac(sha256, key, bytesOf(`${id}.${at}.${body}`)))}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signatures.join(' ') }
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a key in base64, as receivers read it: padding may be left out, and what is left of the last digit counts for nothing. */
const keyIn = (text: string): Uint8Array => {
  const values = [...trimmedEnd(text, '=')].map((one) => digits.indexOf(one))
  const bytes = new Uint8Array(Math.floor((values.length * 6) / 8))
  for (let at = 0, word = 0, bits = 0, next = 0; at < values.length; at++) {
    word = ((word << 6) | values[at]!) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[next++] = (word >> bits) & 255
  }
  return bytes
}

const went = (
  { intent, target }: Effect,
  { status, headers }: { status: number; headers: Readonly<Record<string, string>> },
): Went => {
  if (status >= 200 && status < 300)
    return { is: 'done', receipt: { id: intent, url: null, observed: { status }, readBack: false } }
  if (status === 429 || status >= 500)
    return {
      is: 'later',
      why: `${target} answered ${status}`,
      afterMillis: Math.min(3_600, Number(headers['retry-after']) || 30) * 1_000,
    }
  return {
    is: 'failed',
    code: 'refused_there',
    summary: `${target} answered ${status}.`,
    check:
      status === 410
        ? 'The receiver does not want messages any more.'
        : 'See what the receiver expects, then try again.',
    retrySafe: true,
  }
}
