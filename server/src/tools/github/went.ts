/**
 * What does an answer of GitHub mean for an effect?
 * A clear no is a failure with what to do; a limit is a wait; whatever may have happened is unsure, and is looked for.
 */
import { brokeOff, Ended, failed } from '../ended.ts'
import { limitIn, messageIn, type Came } from './rest.ts'

/** The body of a good answer. Throws Ended. `what`: "open the pull request". A `write` that broke off at GitHub may have happened. */
export const good = (came: Came, what: string, kind: 'read' | 'write'): unknown => {
  const { status, headers, body } = came
  if (status >= 200 && status < 300) return body
  const said = messageIn(body)
  const words = `GitHub did not ${what}: it answered ${status}${said ? ` (${said})` : ''}.`
  const limit = limitIn(came)
  if (limit !== null) throw new Ended({ is: 'later', why: 'GitHub limits the rate', afterMillis: limit })
  if (status >= 500) throw brokeOff(kind, `GitHub answered ${status}`)
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
  throw failed(status === 404 ? 'not_found_there' : 'refused_there', words, fix)
}
