/** How is the pull request of a run changed: its words, and out of draft? It shows exactly the approved commit, or nothing is changed. */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { isPullMarked, openerIn } from '../hidden-marker.ts'
import { Pull } from './payload.ts'
import { threadPlace } from './place.ts'
import { graphqlPath, messageIn, type Ask } from './rest.ts'
import { good } from './went.ts'
import { pullBody } from '../forge-text.ts'

type Params = { title?: string; body?: string; ready?: boolean }

export const updatePull: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const { pull, repo } = await pullFor(effect, connection, outside)
      return isAsWanted(pull, effect) ? { is: 'there', receipt: receiptOf(repo, pull) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const { pull, repo, ask, raw } = await pullFor(effect, connection, outside)
      const params = effect.params as Params
      if (effect.commit !== null && pull.head.sha !== effect.commit)
        throw failed(
          'head_moved',
          `Pull request ${repo}#${pull.number} shows ${pull.head.sha.slice(0, 12)} and not the approved commit ${effect.commit.slice(0, 12)}.`,
          'See who pushed to the branch. What stands there was approved by nobody.',
        )
      const words = {
        ...(params.title === undefined ? {} : { title: params.title }),
        ...(params.body === undefined ? {} : { body: pullBody(params.body, effect, openerIn(pull.body)) }),
      }
      if (Object.keys(words).length > 0)
        good(
          await ask('PATCH', `/repos/${repo}/pulls/${pull.number}`, { body: words }),
          'change the pull request',
          'write',
        )
      if (params.ready && pull.draft) await leaveDraft(ask, connection, String(raw['node_id']))
      const after = (await pullFor(effect, connection, outside)).pull
      if (!isAsWanted(after, effect))
        throw failed(
          'not_whole',
          `GitHub took the change of ${repo}#${pull.number}, and shows it otherwise.`,
          'See the pull request.',
        )
      return { is: 'done', receipt: receiptOf(repo, after) }
    }),
}

const pullFor = async (effect: Effect, connection: Connection, outside: Outside) => {
  const { repo, number } = threadPlace(effect, connection)
  const ask = askerFor(connection, outside)
  const raw = good(await ask('GET', `/repos/${repo}/pulls/${number}`), 'show the pull request', 'read') as Record<
    string,
    unknown
  >
  return { repo, ask, raw, pull: Pull.parse(raw) }
}

const isAsWanted = (pull: Pull, { params, intent, commit }: Effect): boolean => {
  const { title, body, ready } = params as Params
  return (
    (commit === null || pull.head.sha === commit) &&
    (title === undefined || pull.title === title) &&
    (body === undefined || isPullMarked(pull.body, intent)) &&
    !(ready && pull.draft)
  )
}

/** Only GraphQL takes a pull request out of draft. */
const leaveDraft = async (ask: Ask, { settings }: Connection, node: string): Promise<void> => {
  const came = await ask('POST', graphqlPath(settings), {
    body: {
      query:
        'mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }',
      variables: { id: node },
    },
  })
  const body = good(came, 'take it out of draft', 'write') as { errors?: { message?: string }[] } | null
  if (body?.errors?.length)
    throw failed(
      'refused_there',
      `GitHub did not take it out of draft: ${messageIn({ errors: body.errors })}.`,
      'See what GitHub says.',
    )
}

const receiptOf = (repo: string, pull: Pull): Receipt => ({
  id: String(pull.number),
  url: pull.html_url,
  observed: {
    ref: `${repo}#${pull.number}`,
    url: pull.html_url,
    number: pull.number,
    commit: pull.head.sha,
    state: pull.state,
    draft: pull.draft ?? false,
  },
  readBack: true,
})
