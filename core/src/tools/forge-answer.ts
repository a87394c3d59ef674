/**
 * What does an answer of a forge (GitHub, GitLab) mean for an effect?
 * A clear no is a failure with what to do; a limit is a wait; whatever may have happened is unsure, and is looked for.
 */
import { brokeOff, Ended, failed } from './ended.ts'

/** An answer, with what its forge has read of it. */
export type Judged = {
  readonly title: string
  readonly status: number
  readonly body: unknown
  /** How long (ms) the forge asks to wait; null: it limits nothing. */
  readonly limit: number | null
  /** The forge's own words about a no, one line; empty: none. */
  readonly said: string
  /** What it lacks when it may not do this: a part of a sentence, or nothing. */
  readonly needs?: string
}

/** The body of a good answer. Throws Ended. `what`: "open the pull request". A `write` that broke off there may have happened. */
export const good = (
  { title, status, body, limit, said, needs }: Judged,
  what: string,
  kind: 'read' | 'write',
): unknown => {
  if (status >= 200 && status < 300) return body
  const words = `${title} did not ${what}: it answered ${status}${said ? ` (${said})` : ''}.`
  if (limit !== null) throw new Ended({ is: 'later', why: `${title} limits the rate`, afterMillis: limit })
  if (status >= 500) throw brokeOff(kind, `${title} answered ${status}`)
  const fix =
    status === 401
      ? 'The token is wrong, expired or revoked: give the connection another one.'
      : status === 403
        ? `The connection's token may not do this${needs ? `; it needs ${needs.slice(0, 200)}` : ''}.`
        : status === 404
          ? `It is not there, or the connection's token may not see it: ${title} says the same to both. See which repositories it reaches.`
          : status === 410
            ? 'It is gone, or switched off in this repository.'
            : `See what ${title} says, and mend the workflow.`
  throw failed(status === 404 ? 'not_found_there' : 'refused_there', words, fix)
}
