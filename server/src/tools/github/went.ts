/**
 * What does an answer of GitHub mean for an effect?
 * A clear no is a failure with what to do; a limit is a wait; whatever may have happened is unsure, and is looked for.
 */
import { NotSent, NoWholeAnswer } from '../outside.ts'
import type { Found, Went } from '../port.ts'
import { TokenRefused } from './app-token.ts'
import { limitIn, messageIn, type Came } from './rest.ts'

/** An effect cannot go on: how it went. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly went: Exclude<Went, { is: 'done' }>
  constructor(went: Exclude<Went, { is: 'done' }>) {
    super(went.is === 'failed' ? went.summary : went.why)
    this.went = went
  }
}

export const failed = (
  code: string,
  summary: string,
  check: string,
  retrySafe = true,
): Extract<Went, { is: 'failed' }> => ({
  is: 'failed',
  code,
  summary,
  check,
  retrySafe,
})

/** The body of a good answer. Throws Ended. `what`: "open the pull request". A `write` that broke off at GitHub may have happened. */
export const good = (came: Came, what: string, kind: 'read' | 'write'): unknown => {
  const { status, headers, body } = came
  if (status >= 200 && status < 300) return body
  const said = messageIn(body)
  const words = `GitHub did not ${what}: it answered ${status}${said ? ` (${said})` : ''}.`
  const limit = limitIn(came)
  if (limit !== null) throw new Ended({ is: 'later', why: 'GitHub limits the rate', afterMillis: limit })
  if (status >= 500)
    throw new Ended(
      kind === 'write'
        ? { is: 'unsure', why: `GitHub answered ${status}` }
        : { is: 'later', why: `GitHub answered ${status}`, afterMillis: 30_000 },
    )
  const needs = headers['x-accepted-github-permissions']
  const fix =
    status === 401
      ? 'The token is wrong, expired or revoked: give the connection another one.'
      : status === 403
        ? `The token or App may not do this${needs ? `; it needs ${needs.slice(0, 200)}` : ''}.`
        : status === 404
          ? 'It is not there, or the token or App may not see it: GitHub says the same to both. See which repositories it reaches.'
          : status === 410
            ? 'It is gone, or switched off in this repository.'
            : 'See what GitHub says, and mend the workflow.'
  throw new Ended(failed(status === 404 ? 'not_found_there' : 'refused_there', words, fix))
}

/** Runs an effect; whatever stops it becomes how it went. */
export const ending = async (effect: () => Promise<Went>): Promise<Went> => {
  try {
    return await effect()
  } catch (error) {
    if (error instanceof Ended) return error.went
    if (error instanceof NotSent) return { is: 'later', why: error.message, afterMillis: 30_000 }
    if (error instanceof NoWholeAnswer) return { is: 'unsure', why: error.message }
    if (error instanceof TokenRefused)
      return failed('refused_there', `${error.message}.`, 'See the App and its installation, then try again.')
    throw error
  }
}

/** Runs a look: what cannot be told now is unsure, and so is what is refused; what is not there will say so when it is done. */
export const looking = async (look: () => Promise<Found>): Promise<Found> => {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Ended) {
      if (error.went.is !== 'failed') return { is: 'unsure', why: error.went.why }
      return error.went.code === 'refused_there' ? { is: 'unsure', why: error.went.summary } : { is: 'absent' }
    }
    if (error instanceof NotSent || error instanceof NoWholeAnswer || error instanceof TokenRefused)
      return { is: 'unsure', why: error.message }
    throw error
  }
}
