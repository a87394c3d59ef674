/** Which token may this runner use now? One for ten minutes, bound to its key, fetched anew before it ends. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import { TokenAnswer, type TokenRequest } from '@viewportai/core/wire/messages'
import { call, type Ground, type Tokens } from './call.ts'
import { Ended } from './exchange.ts'
import { assertionFor } from './proof.ts'

const path = '/wire/token'

/** Tokens of a paired runner. Callers at the same time share one request. They name this start of the program, so that another one with a copied key is told apart. */
export const tokensOf = (ground: Ground, runner: string): Tokens => {
  const instance = randomUUID()
  let held: { token: string; until: number } | null = null
  let asking: Promise<string | Refusal> | null = null

  const ask = async (): Promise<string | Refusal> => {
    const askedAt = performance.now()
    // Signed anew for every try: an assertion lives one minute, and the first answer may have corrected the clock.
    const body = async (): Promise<z.infer<typeof TokenRequest>> => ({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertionFor(ground.key, runner, ground.server + path, ground.clock.seconds()),
      instance,
    })
    const answer = await call(ground, { path, body, answer: z.object(TokenAnswer.shape), tokens: null })
    if (isRefusal(answer)) return answer
    if (answer === null) throw new Error('the control plane answered a token request with nothing')
    // Renewed when a fifth of its life is left, counted from when it was first asked for.
    held = { token: answer.access_token, until: askedAt + answer.expires_in * 800 }
    return held.token
  }

  return {
    async get(signal) {
      if (held && performance.now() < held.until) return held.token
      asking ??= ask().finally(() => (asking = null))
      return untilEnded(asking, signal)
    },
    drop(token) {
      if (held?.token === token) held = null
    },
  }
}

/** The promise, unless the signal fires first: one caller's end does not end the request the others wait for. */
const untilEnded = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return promise
  promise.catch(() => {}) // who has ended already does not hear of it
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Ended('ended while waiting for a token'))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
