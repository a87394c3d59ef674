/** How is a comment or a review written, once? It carries our marker, and is looked for among those of our own account. */
import { Ended, ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { isMarked } from '../hidden-marker.ts'
import { threadPlace } from './place.ts'
import { nextPage, type Ask } from './rest.ts'
import { good } from './went.ts'
import { marked } from '../forge-text.ts'

type Said = { id: number; body?: string | null; html_url?: string | null; user?: { id: number } | null; state?: string }
type Kind = {
  /** Where they are listed and made, below the repository. */
  readonly path: (number: number) => string
  /** Where one is read. */
  readonly one: (number: number, id: number) => string
  readonly what: string
  readonly body: (effect: Effect) => Record<string, unknown>
}

const words = (effect: Effect): string => marked(String(effect.params['text']), effect)

const written = (kind: Kind): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const there = await mine(spot, kind, connection)
      return there ? { is: 'there', receipt: receiptOf(spot, there) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      const { ask, repo, number } = spot
      const made = good(
        await ask('POST', `/repos/${repo}${kind.path(number)}`, { body: kind.body(effect) }),
        `take ${kind.what} on ${repo}#${number}`,
        'write',
      ) as Said
      const there = good(
        await ask('GET', `/repos/${repo}${kind.one(number, made.id)}`),
        `show ${kind.what}`,
        'read',
      ) as Said
      if (!isMarked(there.body, effect.intent))
        throw failed(
          'not_whole',
          `GitHub took ${kind.what} on ${repo}#${number}, and shows other words.`,
          'See it there.',
          false,
        )
      return { is: 'done', receipt: receiptOf(spot, there) }
    }),
})

export const comment = written({
  path: (number) => `/issues/${number}/comments`,
  one: (_number, id) => `/issues/comments/${id}`,
  what: 'the comment',
  body: (effect) => ({ body: words(effect) }),
})

/** It comments or asks for changes. It never approves: there is no word for it here. */
export const review = written({
  path: (number) => `/pulls/${number}/reviews`,
  one: (number, id) => `/pulls/${number}/reviews/${id}`,
  what: 'the review',
  body: (effect) => ({
    body: words(effect),
    event: effect.params['verdict'] === 'request_changes' ? 'REQUEST_CHANGES' : 'COMMENT',
  }),
})

type Spot = { ask: Ask; repo: string; number: number; effect: Effect }
const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => ({
  ask: askerFor(connection, outside),
  effect,
  ...threadPlace(effect, connection),
})

const pagesAtMost = 30

/** The one of this effect, or null. Throws Ended when there are more than can be looked through. */
const mine = async ({ ask, repo, number, effect }: Spot, kind: Kind, connection: Connection): Promise<Said | null> => {
  let path: string | null = `/repos/${repo}${kind.path(number)}?per_page=100`
  for (let page = 0; path !== null; page++) {
    if (page === pagesAtMost)
      throw new Ended({
        is: 'unsure',
        why: `${repo}#${number} has more than ${pagesAtMost * 100} comments, and ours was not among the first`,
      })
    const came = await ask('GET', path)
    const all = good(came, `list what stands on ${repo}#${number}`, 'read') as Said[]
    const found = all.find(
      (one) =>
        isMarked(one.body, effect.intent) &&
        (connection.account === null || String(one.user?.id) === connection.account.id),
    )
    if (found) return found
    path = nextPage(came, connection.settings)
  }
  return null
}

const receiptOf = ({ repo, number }: Spot, said: Said): Receipt => ({
  id: String(said.id),
  url: said.html_url ?? null,
  observed: {
    ref: `${repo}#${number}`,
    url: said.html_url ?? null,
    id: said.id,
    ...(said.state === undefined ? {} : { state: said.state.toLowerCase() }),
  },
  readBack: true,
})
